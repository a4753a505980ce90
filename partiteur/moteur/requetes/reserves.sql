-- Dwellings reserved by bailleur and département: a réservataire of its own territory counts there only.
select
    r.bailleur, r.departement, r.reservataire, cast(sum(r.logements) as bigint) as reserves,
    cast(sum(case when r.conteste then r.logements else 0 end) as bigint) as contestes
from reserves r
left join territoriaux t on t.code = r.reservataire
where r.reservataire <> 'non_reserve' and (t.code is null or t.code = r.commune or t.code = r.epci)
group by r.bailleur, r.departement, r.reservataire
