-- The demandes [$du, $au[: households drawn by hashes of a number and of the seed, nothing deduced by law yet.
-- `lieux` holds ten thousand places to draw one from (h): each a commune, its EPCI, its département, a fictitious délai.
with numeros as (
    select i,
        (hash(i, 1, $graine) % 10000)::integer as h_lieu, (hash(i, 2, $graine) % 1000)::integer as h_age,
        (hash(i, 3, $graine) % 1000)::integer as h_type, (hash(i, 4, $graine) % 100)::integer as h_enfants,
        (hash(i, 5, $graine) % 1000)::integer as h_statut, (hash(i, 6, $graine) % 1000)::integer as h_emploi,
        (hash(i, 7, $graine) % 1000)::integer as h_salaire, (hash(i, 8, $graine) % 1000)::integer as h_second,
        (hash(i, 9, $graine) % 1000)::integer as h_attente, (hash(i, 10, $graine) % 100)::integer as h_pieces,
        (hash(i, 11, $graine) % 100)::integer as h_surface, (hash(i, 12, $graine) % 100)::integer as h_motif,
        (hash(i, 13, $graine) % 1000)::integer as h_dalo, (hash(i, 14, $graine) % 1000)::integer as h_handicap,
        (hash(i, 15, $graine) % 1000)::integer as h_social, (hash(i, 16, $graine) % 1000)::integer as h_violence,
        (hash(i, 17, $graine) % 1000)::integer as h_refus, (hash(i, 18, $graine) % 1000)::integer as h_suite,
        (hash(i, 19, $graine) % 1000)::integer as h_vide, (hash(i, 20, $graine) % 100)::integer as h_preuve,
        (hash(i, 21, $graine) % 1000)::integer as h_jours, (hash(i, 22, $graine) % 100)::integer as h_local
    from (select unnest(range($du, $au)) as i)
),
places as (
    select n.*, l.code as commune, l.epci, l.departement, l.delai,
        -- from 18 to 92, half of them under 40
        18 + (h_age * h_age // 21000) + h_age * 27 // 1000 as age
    from numeros n
    join lieux l on n.h_lieu = l.h
),
foyers as (
    select *,
        case
            when age < 25 then case when h_type < 720 then 'seul' when h_type < 850 then 'parent' when h_type < 960 then 'couple' else 'famille' end
            when age < 50 then case when h_type < 340 then 'seul' when h_type < 630 then 'parent' when h_type < 720 then 'couple' when h_type < 980 then 'famille' else 'deux' end
            when age < 65 then case when h_type < 520 then 'seul' when h_type < 680 then 'parent' when h_type < 830 then 'couple' when h_type < 970 then 'famille' else 'deux' end
            else case when h_type < 690 then 'seul' when h_type < 720 then 'parent' when h_type < 960 then 'couple' when h_type < 975 then 'famille' else 'deux' end
        end as foyer
    from places
),
enfances as (
    select *,
        case
            when foyer = 'parent' then case when h_enfants < 52 then 1 when h_enfants < 82 then 2 when h_enfants < 94 then 3 else 4 end
            when foyer = 'famille' then case when h_enfants < 32 then 1 when h_enfants < 68 then 2 when h_enfants < 88 then 3 when h_enfants < 96 then 4 when h_enfants < 99 then 5 else 7 end
            else 0
        end as enfants,
        foyer in ('couple', 'famille') as couple,
        age + (h_second % 13) - 6 as age_second
    from foyers
),
logis as (
    select *,
        1 + (couple or foyer = 'deux')::integer + enfants as personnes,
        -- the eldest: of 14 or more when the parent is old enough, one in two
        case when age < 32 then 0 when age < 40 then least(enfants, h_enfants % 2) else enfants - enfants // 2 end as enfants_14,
        case when age >= 46 and enfants > 0 then h_enfants % 2 else 0 end as enfants_majeurs,
        case
            when age < 26 and h_statut < 300 then 'CPE'
            when age < 26 and h_statut < 380 then 'RE'
            when h_statut < 470 then 'HLM' when h_statut < 680 then 'LP' when h_statut < 745 then 'CPE'
            when h_statut < 815 then 'CP' when h_statut < 845 then 'SH' when h_statut < 874 then 'RS'
            when h_statut < 880 then 'RHVS' when h_statut < 892 then 'HOT' when h_statut < 910 then 'SD'
            when h_statut < 914 then 'SQUAT' when h_statut < 920 then 'CAMCAR' when h_statut < 945 then 'LTG'
            when h_statut < 958 then 'SLHT' when h_statut < 985 then 'POCC' when h_statut < 996 then 'FONC'
            else 'CDEFCM'
        end as statut,
        case
            when age >= 64 then 'RET'
            when age < 26 and h_emploi < 190 then 'ETU' when age < 23 and h_emploi < 260 then 'APP'
            when h_emploi < 430 then 'CDI' when h_emploi < 610 then 'CDD' when h_emploi < 640 then 'ART'
            when h_emploi < 840 then 'CHO' else 'AUT'
        end as contrat
    from enfances
),
moyens as (
    select *,
        -- euros a month: by contract, a little of a bell, then the second adult and the family allowances
        case contrat
            when 'CDI' then 1150 + (h_salaire + h_second) * 7 // 10 when 'CDD' then 750 + (h_salaire + h_second) // 2
            when 'ART' then 500 + h_salaire * 2 when 'RET' then 750 + (h_salaire + h_second) * 45 // 100
            when 'ETU' then 200 + h_salaire * 6 // 10 when 'APP' then 650 + h_salaire // 2
            when 'CHO' then 560 + h_salaire * 7 // 10 else 480 + h_salaire // 2
        end
        + case when couple or foyer = 'deux' then h_second * 12 // 10 else 0 end
        + case when enfants >= 2 then 148 + (enfants - 2) * 190 else 0 end
        + case when foyer = 'parent' then 120 * enfants else 0 end as ressources,
        statut in ('HLM', 'LP', 'LTG', 'POCC', 'FONC', 'CPE', 'CP') as logement_connu,
        -- months: a long tail, longer for the tenants of the social parc
        h_attente * h_attente // 12500 + case when statut = 'HLM' then h_attente // 40 else 0 end as mois
    from logis
),
habitats as (
    select *,
        case when statut in ('CPE', 'CP') then personnes + 1 + h_pieces % 3 else personnes end as occupants,
        case
            when not logement_connu then null
            when h_pieces < 34 then greatest(1, least(6, (personnes + 1) // 2 + 1)) when h_pieces < 60 then greatest(1, least(6, personnes))
            when h_pieces < 86 then least(6, personnes + 1) when h_pieces < 96 then least(6, personnes + 2) else 1
        end as pieces,
        $jour::date - (mois * 30 + h_jours * 30 // 1000 + mois // 2)::integer as depot
    from moyens
),
loyers as (
    select *,
        case
            when h_vide < 30 then null
            when pieces = 1 and h_surface < 8 then 7 + h_surface // 2  -- a room, sometimes below 9 m²
            when pieces is not null then 7 + 14 * pieces + h_surface * pieces // 10
        end as surface
    from habitats
)
select
    i, lpad(departement, 3, '0') || lpad((month(depot))::varchar, 2, '0') || lpad((year(depot) % 100)::varchar, 2, '0')
        || lpad(i::varchar, 7, '0') || '9900' as numero_unique,
    depot as date_depot, commune, epci, departement, delai, age, age_second, foyer, couple, personnes, enfants,
    enfants_14, enfants_majeurs, statut, contrat,
    case when h_vide not between 30 and 44 then ressources end as ressources, case when h_vide >= 20 then pieces end as pieces, surface, occupants, mois,
    case
        when statut = 'LP' then surface * (8 + h_surface % 6) + 40 when statut = 'HLM' then surface * (5 + h_surface % 2) + 20
        when statut in ('RS', 'RE') then 330 + h_surface * 2
    end as loyer,
    h_handicap < case when age >= 50 then 130 else 55 end as handicap,
    h_social % 200 < 9 as habitat_indigne, (h_social // 2) % 100 < 6 as non_decent,
    h_violence < 12 and foyer in ('seul', 'parent') as violences, h_violence between 12 and 13 as viol_agression,
    h_violence = 14 as sortie_prostitution, h_violence = 15 as victime_traite, h_violence = 16 as sortie_act,
    h_violence between 20 and 60 and contrat in ('CDI', 'CDD') as reprise_activite, h_violence between 61 and 120 as pdalhpd, h_violence between 121 and 300 and age < 21 as sortant_ase,
    enfants - enfants_majeurs > 0 as mineurs, case when couple then least(age + age_second, 56) end as somme_ages,
    statut = 'LP' and h_social between 300 and 360 as menace_expulsion,
    h_dalo, h_motif, h_refus, h_suite, h_vide, h_preuve, h_jours, h_local, h_handicap, h_social
from loyers
