-- How many lines and how many rights under each value of {axe}, of the lines of a condition.
select r.{axe} as valeur, count(*) as lignes, cast(sum(r.nombre) as bigint) as droits
from rapprochees r
where {condition}
group by r.{axe}
