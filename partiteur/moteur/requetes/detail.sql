-- One row a dwelling, in the order of its file: what an état des lieux says of it, and its right if it is identified.
-- A dwelling free in a programme whose rights are numbers may hold one of them: nobody knows which.
select
    p.numero_rpls, p.identifiant_interne, p.ligne, t.reservataire,
    case when t.reservataire is null and p.programme in (select n.programme from programmes n) then 1 else 0 end
        as non_identifie,
    p.contingent, p.departement, p.epci, p.commune, p.qpv, p.typologie, p.financement, p.famille_financement,
    p.individuel, t.debut, t.fin
from parc p
left join titulaires t on t.ligne = p.ligne
order by p.ligne nulls last
