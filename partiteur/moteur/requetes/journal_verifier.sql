-- The first row at fault of a chain and the first cause it shows, as ten times its rank plus the cause; null when none.
-- Parameter: the name of the chain. {contenu}: the canonical content of a row. attendue: the digest of the row above.
-- chaine.py says the same of one row: the causes are its numbers.
select min(rang * 10 + cause) as faute
from (
    select
        rang,
        case
            when chaine <> ? then 1
            when numero <> cast(rang as varchar) then 2
            when empreinte_precedente <> attendue then 3
            when empreinte <> sha256(numero || empreinte_precedente || empreinte_contenu) then 4
            when sel = '' then case when regexp_matches(empreinte_contenu, '^[0-9a-f]{64}$') then 0 else 5 end
            when not regexp_matches(sel, '^[0-9a-f]{64}$') then 5
            when empreinte_contenu <> sha256(unhex(sel) || encode({contenu})) then 6
            else 0
        end as cause
    from chaine_lue
) jugees
where cause > 0
