-- The same verification as partiteur's, written by hand: every row follows the one above and holds its own digest.
with lus as (
    select *, cast(numero as bigint) as rang
    from read_csv('{fichier}', all_varchar = true, header = true, delim = ',')
), suivis as (
    select *, coalesce(lag(empreinte) over (order by rang), sha256(chaine)) as attendue from lus
)
select count(*) filter (
    where empreinte_precedente <> attendue
        or empreinte <> sha256(numero || empreinte_precedente || empreinte_contenu)
        or empreinte_contenu <> sha256(unhex(sel) || encode(
            '{"auteur":"' || auteur || '","chaine":"' || chaine || '","date_effet":"' || date_effet
            || '","date_saisie":"' || date_saisie || '","donnees":' || donnees || ',"evenement":"' || evenement
            || '","logement":"' || logement || '","motif":' || coalesce('"' || motif || '"', 'null')
            || ',"reservataire":' || coalesce('"' || reservataire || '"', 'null') || ',"type":"' || type
            || '","vacance":"' || vacance || '","version":1}'
        ))
) as alteres
from suivis
