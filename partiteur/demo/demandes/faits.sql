-- The columns of the demandes, from what was drawn (`regles_publics`: the draw, and what the rules answered).
with mesures as (
    select *,
        ressources * 12 * 10 / unites_dixiemes as par_uc,
        -- the aide au logement of a fictitious country: less as resources grow, none above a ceiling by person
        case
            when statut in ('LP', 'HLM', 'RS', 'RE') then greatest(0, least(loyer * 8 // 10, 240 + 60 * personnes - greatest(0, ressources - 700) * 3 // 10))
            else 0
        end as aide
    from regles_publics
),
depenses as (
    select *,
        case
            when h_vide between 45 and 59 then null
            when statut in ('LP', 'HLM', 'RS', 'RE') then greatest(0, loyer + 25 + 15 * pieces_ou_une - aide)
            when statut in ('CPE', 'CP', 'SH', 'SD', 'SQUAT', 'LTG') then 0
        end as depense
    from (select *, coalesce(pieces, 1) as pieces_ou_une from mesures)
),
dalos as (
    select *,
        h_dalo < case
            when statut in ('SH', 'HOT', 'SD', 'SQUAT', 'RHVS') then 130
            when sur_occupation and enfants > 0 then 70 when mois > delai then 28
                else 15
        end as dalo
    from depenses
)
select
    numero_unique, date_depot, anciennete_mois, delai::bigint as delai_anormalement_long_mois,
    anciennete_mois > delai as delai_anormalement_long, statut = 'HLM' as mutation,
    list_filter([
        case
            when statut in ('CP', 'SH', 'SD', 'SQUAT', 'HOT', 'RHVS', 'RS', 'CAMCAR', 'SLHT', 'CDEFCM') then '01'
            when statut in ('CPE', 'RE') then '12' when menace_expulsion then '05'
            when non_decent then '03' when sur_occupation then '13' when sous_occupation and h_motif < 60 then '10'
            when statut = 'POCC' then '22' when statut = 'LP' and h_motif < 45 then '09' when statut = 'LP' and h_motif < 55 then '04'
            when statut = 'FONC' then '18' when h_motif < 30 then '17' when h_motif < 50 then '13' when h_motif < 62 then '08'
            when h_motif < 72 then '11' when h_motif < 76 then '14' when h_motif < 80 then '15' when h_motif < 84 then '20'
            when h_motif < 85 then '16' when h_motif < 89 then '02' else '23'
        end,
        case when handicap then '07' when violences then '06' when h_motif % 10 < 2 then '19' when h_motif % 10 = 3 then '21' end,
        case when h_motif % 7 = 0 then '20' when h_motif % 11 = 0 and h_motif <> 55 then '08' end
    ], lambda m: m is not null) as motifs,
    case
        when personnes = 1 then case when h_motif < 50 then ['T1', 'T2'] else ['T2'] end
        when personnes = 2 then case when h_motif < 60 then ['T2', 'T3'] else ['T3'] end
        when personnes = 3 then ['T3', 'T4'] when personnes = 4 then ['T4'] when personnes = 5 then ['T4', 'T5'] else ['T5', 'T6P']
    end as typologies_demandees,
    commune as commune_demandee, [commune] as communes_demandees,
    case when h_dalo % 97 = 3 then 'ACD' when h_vide < 900 then 'AUCUN' else 'NONDOC' end as accord_collectif,
    h_preuve >= 30 as dossier_complet,
    dalo as dalo_reconnu, case when dalo then 'ACTIF' when h_dalo between 900 and 912 then 'CADUC' else 'NON' end as statut_dalo,
    publics_l441_1, pdalhpd, handicap, handicap and h_motif < 40 as logement_inadapte_handicap, sortie_act,
    statut in ('SH', 'RS', 'RHVS', 'SLHT', 'CDEFCM') and h_motif < 70 as sortie_structure, reprise_activite, habitat_indigne,
    violences, viol_agression, sortie_prostitution, victime_traite,
    statut in ('SD', 'SQUAT', 'CAMCAR', 'HOT', 'CPE', 'CP') as sans_logement, menace_expulsion, sortant_ase,
    personnes::bigint as nb_personnes, enfants::bigint as nb_a_charge, (enfants - enfants_majeurs)::bigint as nb_enfants_mineurs,
    famille_monoparentale, jeune_menage,
    case foyer
        when 'couple' then ['M', 'P', 'U'][1 + h_motif % 3] when 'famille' then ['M', 'M', 'U'][1 + h_motif % 3]
        when 'parent' then ['D', 'S', 'C'][1 + h_motif % 3] else case when age > 70 then 'V' when h_motif < 75 then 'C' else 'D' end
    end as situation_familiale,
    age::bigint as age_demandeur, categorie::bigint as categorie_menage, contrat as type_contrat,
    contrat in ('CDI', 'CDD') and h_local < 14 as travailleur_essentiel, h_local = 99 as sapeur_pompier_volontaire,
    h_local < 78 as habite_epci, contrat in ('CDI', 'CDD', 'ART', 'APP') and h_jours < 800 as travaille_epci,
    enfants > 0 and h_jours < 700 as scolarise_epci, case when h_local < 78 then commune end as commune_residence,
    ressources::decimal(18, 6) as ressources_mensuelles, round(par_uc)::decimal(18, 6) as ressources_uc,
    $seuil::decimal(18, 6) as seuil_premier_quartile, round(par_uc) < $seuil as premier_quartile,
    (ressources * 108 // 10)::decimal(18, 6) as revenu_fiscal_reference,
    round((ressources * 108 // 10) / plafond, 4)::decimal(18, 6) as rapport_plafond_plus,
    round(depense / nullif(ressources, 0), 4)::decimal(18, 6) as taux_effort,
    round((ressources - depense) * 10 / unites_dixiemes, 2)::decimal(18, 6) as reste_a_vivre,
    statut as statut_occupation, case when pieces >= 6 then 'T6P' else 'T' || pieces end as typologie_actuelle,
    surface::decimal(18, 6) as surface_actuelle, occupants::bigint as nb_occupants, loyer::decimal(18, 6) as loyer_actuel,
    sur_occupation, sous_occupation, non_decent, h_social = 0 as relogement_npnru, h_social = 1 as catastrophe_naturelle,
    h_social between 2 and 8 and statut in ('SD', 'SH', 'HOT') as logement_d_abord,
    list_filter([
        case when h_refus < 110 and mois > 3 then greatest(date_depot + 30, $jour::date - (h_suite + 20)) end,
        case when h_refus < 28 and mois > 12 then greatest(date_depot + 60, $jour::date - (h_suite // 2 + 10)) end,
        case when h_refus < 6 and mois > 18 then $jour::date - h_suite // 4 end
    ], lambda d: d is not null) as refus_logement_adapte,
    list_filter([case when h_refus between 110 and 149 and mois > 3 then greatest(date_depot + 30, $jour::date - h_suite) end], lambda d: d is not null) as non_reponse,
    list_filter([
        case when h_suite < 90 and mois > 8 then greatest(date_depot + 90, $jour::date - h_refus) end,
        case when h_suite < 25 and mois > 14 then $jour::date - h_refus // 3 end
    ], lambda d: d is not null) as proposition_sans_suite,
    case when dalo then case when h_preuve < 94 then 'transmise' else 'declaree' end end as preuve_dalo,
    case when pdalhpd then case when h_preuve < 75 then 'validee_travailleur_social' else 'declaree' end end as preuve_pdalhpd,
    case when handicap then ['declaree', 'deposee', 'verifiee', 'verifiee'][1 + h_preuve % 4] end as preuve_handicap,
    case when handicap then ['declaree', 'deposee', 'verifiee', 'verifiee'][1 + h_preuve % 4] end as preuve_public_a,
    case when violences then case when h_preuve < 60 then 'validee_travailleur_social' else 'deposee' end end as preuve_violences,
    case when menace_expulsion then ['declaree', 'deposee', 'verifiee'][1 + h_preuve % 3] end as preuve_public_l,
    ['declaree', 'deposee', 'verifiee'][1 + (h_preuve // 3) % 3] as preuve_effort,
    -- a proof of resources is worth a year: some have expired
    case when (h_preuve // 3) % 3 = 2 then $jour::date + 300 - h_jours * 4 // 10 end as preuve_effort_jusqu_au,
    case when sur_occupation then ['declaree', 'deposee', 'verifiee'][1 + h_preuve % 3] end as preuve_suroccupation,
    case when statut = 'HLM' then 'verifiee' else ['declaree', 'deposee'][1 + h_preuve % 2] end as preuve_statut,
    epci
from dalos
order by i
