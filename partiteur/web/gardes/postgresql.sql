-- The account is append-only: an envelope and a chain never change; a content only loses its salt (E6, E8).
-- « enable always »: session_replication_role does not put them aside.
create or replace function compte_refuser() returns trigger language plpgsql as $$
begin
    raise exception 'le journal ne se modifie ni ne se supprime';
end $$;

create or replace function compte_suivre() returns trigger language plpgsql as $$
begin
    if new.numero <> 1 and not exists (
        select 1 from web_evenement
        where chaine_id = new.chaine_id and numero = new.numero - 1 and empreinte = new.empreinte_precedente
    ) then
        raise exception 'le journal se complète à la suite' using errcode = 'unique_violation';
    end if;
    return new;
end $$;

create or replace function compte_effacer() returns trigger language plpgsql as $$
begin
    if new.sel = '' and new.enveloppe_id = old.enveloppe_id and new.chaine_id = old.chaine_id
        and (
            (new.evenement, new.vacance, new.type, new.logement, new.date_effet, new.date_saisie, new.reservataire,
                new.motif)
            = (old.evenement, old.vacance, old.type, old.logement, old.date_effet, old.date_saisie,
                old.reservataire, old.motif)
            or (new.evenement, new.vacance, new.type, new.logement, new.date_effet, new.date_saisie, new.auteur,
                new.reservataire, new.motif, new.donnees)
            = ('', '', '', '', '', '', '', '', '', '')
        )
    then
        return new;
    end if;
    raise exception 'un événement s''efface, il ne se modifie pas';
end $$;

drop trigger if exists evenement_sans_modification on web_evenement;
create trigger evenement_sans_modification before update or delete on web_evenement
    for each row execute function compte_refuser();
alter table web_evenement enable always trigger evenement_sans_modification;

drop trigger if exists evenement_sans_vidage on web_evenement;
create trigger evenement_sans_vidage before truncate on web_evenement
    for each statement execute function compte_refuser();
alter table web_evenement enable always trigger evenement_sans_vidage;

drop trigger if exists evenement_a_la_suite on web_evenement;
create trigger evenement_a_la_suite before insert on web_evenement
    for each row execute function compte_suivre();
alter table web_evenement enable always trigger evenement_a_la_suite;

drop trigger if exists contenu_sans_modification on web_contenu;
create trigger contenu_sans_modification before update on web_contenu
    for each row execute function compte_effacer();
alter table web_contenu enable always trigger contenu_sans_modification;

drop trigger if exists contenu_sans_suppression on web_contenu;
create trigger contenu_sans_suppression before delete on web_contenu
    for each row execute function compte_refuser();
alter table web_contenu enable always trigger contenu_sans_suppression;

drop trigger if exists contenu_sans_vidage on web_contenu;
create trigger contenu_sans_vidage before truncate on web_contenu
    for each statement execute function compte_refuser();
alter table web_contenu enable always trigger contenu_sans_vidage;

drop trigger if exists chaine_sans_modification on web_chaine;
create trigger chaine_sans_modification before update or delete on web_chaine
    for each row execute function compte_refuser();
alter table web_chaine enable always trigger chaine_sans_modification;

drop trigger if exists chaine_sans_vidage on web_chaine;
create trigger chaine_sans_vidage before truncate on web_chaine
    for each statement execute function compte_refuser();
alter table web_chaine enable always trigger chaine_sans_vidage;

-- An adopted dossier and its frozen result stay as they were adopted (E20).
create or replace function dossier_garder() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' or old.adopte_le is not null then
        raise exception 'un dossier adopté ne se modifie ni ne se supprime';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end $$;

drop trigger if exists dossier_adopte_sans_modification on web_dossier;
create trigger dossier_adopte_sans_modification before update or delete on web_dossier
    for each row execute function dossier_garder();
alter table web_dossier enable always trigger dossier_adopte_sans_modification;

drop trigger if exists dossier_adopte_sans_vidage on web_dossier;
create trigger dossier_adopte_sans_vidage before truncate on web_dossier
    for each statement execute function dossier_garder();
alter table web_dossier enable always trigger dossier_adopte_sans_vidage;

-- What two parties say to each other of a register, and what they agree on: a message only loses its words.
create or replace function message_effacer() returns trigger language plpgsql as $$
begin
    if new.texte = '' and (new.id, new.remarque_id, new.auteur_id, new.par_id, new.le, new.acte)
        = (old.id, old.remarque_id, old.auteur_id, old.par_id, old.le, old.acte)
    then
        return new;
    end if;
    raise exception 'un message s''efface, il ne se modifie pas';
end $$;

drop trigger if exists message_sans_modification on web_message;
create trigger message_sans_modification before update on web_message
    for each row execute function message_effacer();
alter table web_message enable always trigger message_sans_modification;

drop trigger if exists message_sans_suppression on web_message;
create trigger message_sans_suppression before delete on web_message
    for each row execute function compte_refuser();
alter table web_message enable always trigger message_sans_suppression;

drop trigger if exists remarque_sans_modification on web_remarque;
create trigger remarque_sans_modification before update or delete on web_remarque
    for each row execute function compte_refuser();
alter table web_remarque enable always trigger remarque_sans_modification;

drop trigger if exists accord_sans_modification on web_accord;
create trigger accord_sans_modification before update or delete on web_accord
    for each row execute function compte_refuser();
alter table web_accord enable always trigger accord_sans_modification;

drop trigger if exists message_sans_vidage on web_message;
create trigger message_sans_vidage before truncate on web_message
    for each statement execute function compte_refuser();
alter table web_message enable always trigger message_sans_vidage;

drop trigger if exists remarque_sans_vidage on web_remarque;
create trigger remarque_sans_vidage before truncate on web_remarque
    for each statement execute function compte_refuser();
alter table web_remarque enable always trigger remarque_sans_vidage;

drop trigger if exists accord_sans_vidage on web_accord;
create trigger accord_sans_vidage before truncate on web_accord
    for each statement execute function compte_refuser();
alter table web_accord enable always trigger accord_sans_vidage;
