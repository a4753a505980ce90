-- The RPLS number and the energy label of every dwelling, by both its identifiers. View: parc.
select numero_rpls, identifiant_interne, dpe
from parc
