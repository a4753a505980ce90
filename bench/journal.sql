-- What an analyst would write by hand to count the four stages of a year on an exchange file, under « motif ».
with lus as (
    select * replace (coalesce(motif, '') as motif, coalesce(reservataire, '') as reservataire)
    from read_csv('{fichier}', all_varchar = true, header = true, delim = ',')
), annules as (
    select json_extract_string(donnees, '$.annule') as evenement from lus where type = 'rectification'
), e as (
    select * from lus where type <> 'rectification' and evenement not in (select evenement from annules)
    union all
    select
        chaine, numero, evenement, vacance, logement,
        json_extract_string(donnees, '$.remplace.type'),
        json_extract_string(donnees, '$.remplace.date_effet'),
        date_saisie, auteur,
        coalesce(json_extract_string(donnees, '$.remplace.reservataire'), ''),
        coalesce(json_extract_string(donnees, '$.remplace.motif'), ''),
        cast(json_extract(donnees, '$.remplace.donnees') as varchar),
        sel, empreinte_contenu, empreinte_precedente, empreinte
    from lus where type = 'rectification'
), sorties as (
    select distinct vacance from e
    where type = 'conge_retracte'
        or (type = 'orientation' and (json_extract_string(donnees, '$.destination') like 'soustrait:%'
            or json_extract_string(donnees, '$.destination') like 'hors_flux:%'))
        or (type = 'bail_signe' and (json_extract_string(donnees, '$.menage.deja_locataire') = 'bailleur'
            or json_extract_string(donnees, '$.menage.relogement') is not null))
), neutralises as (
    select distinct vacance, reservataire from e
    where motif in ('retrait_bailleur', 'logement_indisponible', 'refus_candidat_inadaptee', 'refus_caleol', 'force_majeure')
), imputes as (
    select vacance, reservataire, json_extract_string(donnees, '$.base') as base from e where type = 'imputation'
), maires as (
    select distinct vacance, reservataire from e where type = 'mise_a_disposition' and motif = 'qpv_maire'
), etapes as (
    select distinct vacance, reservataire, 'mise_a_disposition' as etape from e
    where type = 'mise_a_disposition' and motif <> 'qpv_maire'
    union
    select vacance, reservataire, 'mise_a_disposition' from imputes where base in ('deleguee', 'requalification_mixte')
    union
    select distinct vacance, reservataire, 'candidats_proposes' from e
    where type = 'designation' and reservataire <> '' and json_extract_string(donnees, '$.origine') <> 'autre'
    union
    select vacance, reservataire, 'candidats_proposes' from imputes where base in ('deleguee', 'requalification_mixte')
    union
    select distinct vacance, reservataire, 'attribution' from e
    where type = 'decision_caleol' and reservataire <> '' and json_extract_string(donnees, '$.decision') like 'attribution%'
    union
    select vacance, reservataire, 'attribution' from imputes
    union
    select distinct vacance, reservataire, 'bail_signe' from e where type = 'bail_signe' and reservataire <> ''
    union
    select distinct i.vacance, i.reservataire, 'bail_signe' from imputes i join e on e.vacance = i.vacance
    where e.type = 'bail_signe'
)
select etape, count(*) as vacances
from etapes t
where not exists (select 1 from sorties s where s.vacance = t.vacance)
    and not exists (select 1 from maires m where m.vacance = t.vacance and m.reservataire = t.reservataire)
    and (
        not exists (
            select 1 from neutralises n where n.vacance = t.vacance and n.reservataire = t.reservataire
        )
        or exists (
            select 1 from e b where b.vacance = t.vacance and b.reservataire = t.reservataire and b.type = 'bail_signe'
        )
    )
group by etape
order by etape
