-- Dwellings by territory and by classes: what an assiette and the denominator of a rotation are made from.
select {axes}, motifs, inconnus, count(*) as logements
from {source}
group by {axes}, motifs, inconnus
