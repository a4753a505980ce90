-- Two parcs, dwelling by dwelling: in the views `avant` and `apres`, matched on their number, else their own identifier.
-- A dwelling without either is counted apart: nobody can say whether it is the same.
with anciens as (
    select coalesce('r' || a.numero_rpls, 'i' || a.identifiant_interne) as cle_avant, a.* from avant a
),
nouveaux as (
    select coalesce('r' || n.numero_rpls, 'i' || n.identifiant_interne) as cle_apres, n.* from apres n
)
select
    n.ligne, coalesce(n.identifiant_interne, a.identifiant_interne) as identifiant_interne,
    coalesce(n.numero_rpls, a.numero_rpls) as numero_rpls, coalesce(n.programme, a.programme) as programme,
    case when a.cle_avant is null then 'nouveau' when n.cle_apres is null then 'disparu' else 'change' end as quoi{ecarts}
from (select * from anciens where cle_avant is not null) a
full outer join (select * from nouveaux where cle_apres is not null) n on n.cle_apres = a.cle_avant
where a.cle_avant is null or n.cle_apres is null or ({differe})
