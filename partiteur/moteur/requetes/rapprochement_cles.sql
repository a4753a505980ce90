-- Each line of the register {source}, who holds it, and the key it keeps from one register to the next: its own
-- identifier, else what it bears on and its rank among those that bear on the same.
select
    d.*, coalesce(d.cede_a, d.reservataire) as titulaire,
    case
        when d.droit is not null then 'd:' || d.droit
        else 'l:' || d.reservataire || ':' || coalesce(d.programme, '') || ':' || coalesce(d.logement, '') || ':'
            || cast(row_number() over (
                partition by d.droit, d.reservataire, d.programme, d.logement order by d.ligne nulls last
            ) as string)
    end as cle
from {source} d
