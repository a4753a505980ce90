-- What an analyst would write by hand for the bilan of R441-5-1 on an exchange file, under « motif »: the four stages by
-- six axes and their marginals; then the delays and the refusals.
create temp table lus as
    select * replace (coalesce(motif, '') as motif, coalesce(reservataire, '') as reservataire)
    from read_csv('{fichier}', all_varchar = true, header = true, delim = ',');
create temp table e as
    with annules as (
        select json_extract_string(donnees, '$.annule') as evenement from lus where type = 'rectification'
    )
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
    from lus where type = 'rectification';
create temp table logements as
    select
        vacance,
        any_value(json_extract_string(donnees, '$.commune')) as commune,
        any_value(json_extract_string(donnees, '$.qpv')) as qpv,
        any_value(case when json_extract_string(donnees, '$.typologie') >= 'T6' then 'T6+'
            else json_extract_string(donnees, '$.typologie') end) as typologie,
        any_value(json_extract_string(donnees, '$.famille_financement')) as financement,
        any_value(case
            when cast(json_extract_string(donnees, '$.annee_construction') as integer) <= 1948 then 'avant_1949'
            when cast(json_extract_string(donnees, '$.annee_construction') as integer) <= 1974 then '1949_1974'
            when cast(json_extract_string(donnees, '$.annee_construction') as integer) <= 1989 then '1975_1989'
            when cast(json_extract_string(donnees, '$.annee_construction') as integer) <= 2005 then '1990_2005'
            when json_extract_string(donnees, '$.annee_construction') is not null then 'depuis_2006' end) as periode
    from e where type in ('conge_recu', 'vacance_ouverte')
    group by vacance;
create temp table bilan as
    with sorties as (
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
    select
        t.reservataire, lo.commune, lo.qpv, lo.typologie, lo.financement, lo.periode, etape,
        grouping(t.reservataire, lo.commune, lo.qpv, lo.typologie, lo.financement, lo.periode) as quoi,
        count(*) as vacances
    from etapes t
    left join logements lo on lo.vacance = t.vacance
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
    group by grouping sets (
        (t.reservataire, lo.commune, lo.qpv, lo.typologie, lo.financement, lo.periode, etape),
        (t.reservataire, etape), (lo.commune, etape), (lo.qpv, etape), (lo.typologie, etape), (lo.financement, etape),
        (lo.periode, etape)
    );
create temp table delais as
    with v as (
        select vacance, reservataire,
            min(cast(date_effet as date)) filter (type = 'mise_a_disposition') as offerte,
            min(cast(date_effet as date)) filter (type in ('validation', 'declinaison', 'designation', 'delai_expire')) as reponse,
            min(cast(date_effet as date)) filter (type = 'designation') as designation,
            min(cast(date_effet as date)) filter (type = 'bail_signe') as bail
        from e where reservataire <> '' group by vacance, reservataire
    ), d as (
        select v.vacance, v.reservataire, min(cast(e.date_effet as date)) as decision
        from v join e on e.vacance = v.vacance and e.type = 'decision_caleol' and cast(e.date_effet as date) >= v.designation
        group by v.vacance, v.reservataire
    ), o as (
        select vacance,
            min(cast(date_effet as date)) filter (type in ('conge_recu', 'vacance_ouverte')) as ouverture,
            min(cast(date_effet as date)) filter (type in ('orientation', 'imputation')) as orientation,
            min(cast(date_effet as date)) filter (type = 'bail_signe') as bail
        from e group by vacance
    ), tous as (
        select 'ouverture_orientation' as delai, '' as reservataire, orientation - ouverture as jours from o
        union all select 'ouverture_bail', '', bail - ouverture from o
        union all select 'orientation_mise_a_disposition', v.reservataire, v.offerte - o.orientation from v join o on o.vacance = v.vacance
        union all select 'mise_a_disposition_reponse', reservataire, reponse - offerte from v
        union all select 'reponse_caleol', v.reservataire, d.decision - v.designation from v join d using (vacance, reservataire)
        union all select 'caleol_bail', v.reservataire, v.bail - d.decision from v join d using (vacance, reservataire)
    )
    select delai, reservataire, count(*) as nombre, quantile_disc(jours, 0.5) as mediane, quantile_disc(jours, 0.9) as p90
    from tous where jours >= 0 group by grouping sets ((delai, reservataire), (delai));
create temp table refus as
    select reservataire, motif, json_extract_string(donnees, '$.proposition') as proposition, typologie, qpv, count(*) as nombre
    from e left join logements using (vacance)
    where type = 'reponse_candidat' and json_extract_string(donnees, '$.reponse') <> 'accepte'
    group by all;
select etape, sum(vacances) from bilan where quoi = 0 group by etape order by etape;
