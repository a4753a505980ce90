-- The parc of the communes and EPCI that hold rights, by the motif that takes a dwelling out of the assiette.
select r.bailleur, r.departement, t.code, t.echelle, r.motif, count(*) as logements
from retenu r
join territoriaux t on t.echelle = 'commune' and t.code = r.commune
where r.bailleur is not null and r.departement is not null
group by r.bailleur, r.departement, t.code, t.echelle, r.motif
union all
select r.bailleur, r.departement, t.code, t.echelle, r.motif, count(*) as logements
from retenu r
join territoriaux t on t.echelle = 'epci' and t.code = r.epci
where r.bailleur is not null and r.departement is not null
group by r.bailleur, r.departement, t.code, t.echelle, r.motif
