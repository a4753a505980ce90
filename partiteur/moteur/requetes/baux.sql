-- Leases in force by year, as the RPLS dates them.
select annee_bail, annee_mise_en_location, mode, {axes}, motifs, count(*) as logements
from {source}
group by annee_bail, annee_mise_en_location, mode, {axes}, motifs
