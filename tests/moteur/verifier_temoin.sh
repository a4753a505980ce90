#!/bin/sh
# Recompute the golden digests of chaine_temoin/temoin.tsv with sha256sum alone, as an auditor would.
# Columns: numero, sel, contenu, empreinte_contenu, empreinte_precedente, empreinte. First argument: the file.
set -eu
tabulation=$(printf '\t')
fichier=${1:-$(dirname "$0")/chaine_temoin/temoin.tsv}
chaine=$(head -n 1 "$fichier" | cut -f 1)
precedente=$(printf '%s' "$chaine" | sha256sum | cut -d ' ' -f 1)
tail -n +2 "$fichier" | {
    rang=0
    while IFS="$tabulation" read -r numero sel contenu du_contenu avant empreinte; do
        rang=$((rang + 1))
        octets=$(printf '%s' "$sel" | sed 's/../\\x&/g')
        calculee=$({ /usr/bin/printf "$octets"; printf '%s' "$contenu"; } | sha256sum | cut -d ' ' -f 1)
        chainee=$(printf '%s' "$numero$avant$du_contenu" | sha256sum | cut -d ' ' -f 1)
        if [ "$numero" != "$rang" ] || [ "$calculee" != "$du_contenu" ] || [ "$avant" != "$precedente" ] ||
            [ "$chainee" != "$empreinte" ]; then
            echo "événement $numero : empreinte fausse" >&2
            exit 1
        fi
        precedente=$empreinte
    done
    echo "$rang événements, tête $rang:$precedente"
}
