-- The grid of cotation.toml as one would write it by hand for one answer, on DuckDB.
with lus as (
    select *,
        len(list_filter(proposition_sans_suite, lambda d: d > date '2024-11-22' and d <= date '2026-11-22')) as sans_suite,
        len(list_filter(refus_logement_adapte, lambda d: d > date '2025-11-22' and d <= date '2026-11-22')) as refus,
        len(list_filter(non_reponse, lambda d: d > date '2025-11-22' and d <= date '2026-11-22')) as sans_reponse,
        preuve_effort in ('verifiee', 'validee_travailleur_social', 'transmise')
            and coalesce(preuve_effort_jusqu_au >= date '2026-11-22', true) as effort_prouve
    from demandes
),
points as (
    select numero_unique, epci, typologie, anciennete_mois, date_depot,
        least(
            least(anciennete_mois, 60) + 2 * greatest(anciennete_mois - 60, 0)
            + case when anciennete_mois > delai_anormalement_long_mois then 20 else 0 end
            + 5 * least(coalesce(sans_suite, 0), 3), 110) as anciennete,
        case when dalo_reconnu and preuve_dalo is not null and preuve_dalo <> 'declaree' then 80 else 0 end as dalo,
        case when dalo_reconnu and preuve_dalo = 'transmise' then 80 else 0 end as dalo_v,
        case when pdalhpd then 40 else 0 end as pdalhpd,
        case when pdalhpd and preuve_pdalhpd in ('validee_travailleur_social', 'transmise') then 40 else 0 end as pdalhpd_v,
        case when violences and preuve_violences is not null and preuve_violences <> 'declaree' then 40 else 0 end as violences,
        case when violences and preuve_violences in ('verifiee', 'validee_travailleur_social', 'transmise') then 40 else 0 end as violences_v,
        case when handicap then case when logement_inadapte_handicap then 30 else 25 end else 0 end as handicap,
        case when handicap and preuve_handicap in ('verifiee', 'validee_travailleur_social', 'transmise')
            then case when logement_inadapte_handicap then 30 else 25 end else 0 end as handicap_v,
        case when list_contains(publics_l441_1, 'l') then 20 else 0 end
        + case when list_has_any(publics_l441_1, ['b', 'd']) then 15 else 0 end
        + case when list_has_any(publics_l441_1, ['c', 'e', 'f', 'gbis', 'h', 'i', 'j', 'm']) then 10 else 0 end as lettres,
        greatest(
            case statut_occupation when 'SD' then 40 when 'SQUAT' then 35 when 'CAMCAR' then 30 when 'HOT' then 25 when 'SH' then 25
                when 'CP' then 15 when 'CPE' then 10 when 'SLHT' then 10 when 'RHVS' then 10 else 0 end,
            case when typologie_actuelle = 'T1' and nb_occupants >= 5 then 18 when typologie_actuelle = 'T1' and nb_occupants >= 3 then 12
                when typologie_actuelle = 'T2' and nb_occupants >= 5 then 12 when typologie_actuelle = 'T2' and nb_occupants >= 3 then 5
                when typologie_actuelle = 'T3' and nb_occupants >= 5 then 8 else 0 end,
            case when list_contains(motifs, '12') then 5 else 0 end) as logement_v,
        case when sur_occupation then 20 else 0 end as suroccupation,
        case when sur_occupation and preuve_suroccupation in ('verifiee', 'validee_travailleur_social', 'transmise') then 20 else 0 end as suroccupation_v,
        case when habitat_indigne then 25 when non_decent and not habitat_indigne then 15 else 0 end as etat,
        case when taux_effort is null then 0 when taux_effort < 0.33 then 0 when taux_effort < 0.5 then 5 when taux_effort < 0.7 then 10 else 15 end as effort,
        effort_prouve,
        case when ressources_uc < seuil_premier_quartile then 15 else 0 end
        + case when reste_a_vivre < 200 then 12 when reste_a_vivre < 400 then 8 when reste_a_vivre < 700 then 4 else 0 end as revenus,
        case when famille_monoparentale then 5 else 0 end + least(3 * coalesce(nb_enfants_mineurs, 0), 12)
        + case when travailleur_essentiel and travaille_epci then 10 else 0 end
        + case when dossier_complet then 5 else 0 end as foyer,
        -10 * least(greatest(coalesce(refus, 0) - 1, 0), 1) - 5 * least(coalesce(sans_reponse, 0), 2) as malus
    from lus
),
notes as (
    select *,
        greatest(least(coalesce(anciennete, 0) + dalo + pdalhpd + violences + handicap + lettres + greatest(logement_v, suroccupation)
            + etat + least(effort + revenus, 30) + foyer, 200) + malus, 0)::bigint as score,
        greatest(least(coalesce(anciennete, 0) + dalo_v + pdalhpd_v + violences_v + handicap_v + greatest(logement_v, suroccupation_v)
            + least(case when effort_prouve then effort else 0 end + revenus, 30) + foyer, 200) + malus, 0)::bigint as score_verifie
    from points
)
select numero_unique, score, score_verifie,
    row_number() over (
        partition by epci, typologie
        order by score desc, anciennete_mois desc nulls last, date_depot nulls last, numero_unique
    ) as rang
from notes
