-- Each line of the register with the dwelling or the programme it bears on, and what the rule of the gaps looks at.
with situes as (
    select l.ligne as rang, min(n.ligne) as place
    from lignes_lues l
    join numeros n on n.numero = l.logement
    group by l.ligne
),
premiers as (
    select s.place, min(s.rang) as premier
    from situes s
    join lignes_lues l on l.ligne = s.rang
    where l.compte
    group by s.place
),
programmes as (
    select
        p.programme, count(*) as logements,
        case when min(p.commune) = max(p.commune) and count(p.commune) = count(*) then min(p.commune) end as commune,
        count(p.contingent) as contingents_connus
    from parc p
    where p.programme is not null
    group by p.programme
),
au_parc as (
    select p.programme, p.contingent, count(*) as nombre
    from parc p
    where p.programme is not null and p.contingent is not null
    group by p.programme, p.contingent
),
au_registre as (
    select coalesce(p.programme, l.programme) as programme, c.contingent, cast(sum(l.nombre) as bigint) as nombre
    from lignes_lues l
    join contingents_connus c on c.code = l.titulaire
    left join situes s on s.rang = l.ligne
    left join premiers t on t.place = s.place
    left join parc p on p.ligne = s.place
    where l.compte and (l.logement is null or t.premier = l.ligne)
    group by coalesce(p.programme, l.programme), c.contingent
)
select
    l.ligne, l.cle, l.droit, l.titulaire, l.reservataire, l.convention_origine, l.programme, l.logement, l.nombre,
    l.contrepartie, l.nature, l.debut, l.fin, l.dernier_remboursement, l.statut, l.etat, l.compte,
    p.numero_rpls, p.identifiant_interne, coalesce(p.commune, g.commune) as commune, p.programme as programme_du_parc,
    p.typologie, p.famille_financement, p.qpv, p.individuel, g.logements as logements_du_programme,
    l.logement is not null as identifie,
    case when l.logement is null then g.programme is not null else p.ligne is not null end as trouve,
    t.premier is null or t.premier = l.ligne as premier,
    d.programme is null as tient,
    c.contingent as contingent_droit,
    p.contingent as contingent_parc,
    case
        when l.logement is not null or c.contingent is null or g.contingents_connus < g.logements then null
        when a.nombre is null then 'aucun'
        when a.nombre = r.nombre then 'autant'
        else 'autre'
    end as reserves_au_parc
from lignes_lues l
left join situes s on s.rang = l.ligne
left join parc p on p.ligne = s.place
left join premiers t on t.place = s.place
left join programmes g on l.logement is null and g.programme = l.programme
left join depassements d on l.logement is null and d.programme = l.programme
left join contingents_connus c on c.code = l.titulaire
left join au_parc a on a.programme = g.programme and a.contingent = c.contingent
left join au_registre r on r.programme = g.programme and r.contingent = c.contingent
