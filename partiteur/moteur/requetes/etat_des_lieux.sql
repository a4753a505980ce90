-- État des lieux: dwellings counted by axes.
select {axes}, count(*) as logements
from {source}
group by {axes}
