-- The account is append-only: an envelope and a chain never change; a content only loses its salt (E6, E8).
-- recursive_triggers is on, so that INSERT OR REPLACE meets the guards of DELETE too.
drop trigger if exists evenement_sans_modification;
create trigger evenement_sans_modification before update on web_evenement
begin
    select raise(abort, 'le journal ne se modifie pas');
end;

drop trigger if exists evenement_sans_suppression;
create trigger evenement_sans_suppression before delete on web_evenement
begin
    select raise(abort, 'le journal ne se supprime pas');
end;

drop trigger if exists evenement_a_la_suite;
create trigger evenement_a_la_suite before insert on web_evenement
when exists (select 1 from web_evenement where id = new.id or (chaine_id = new.chaine_id and numero = new.numero))
    or new.numero <> 1 and not exists (
        select 1 from web_evenement
        where chaine_id = new.chaine_id and numero = new.numero - 1 and empreinte = new.empreinte_precedente
    )
begin
    select raise(abort, 'le journal se complète à la suite');
end;

drop trigger if exists contenu_sans_modification;
create trigger contenu_sans_modification before update on web_contenu
when not (
    new.sel = '' and new.enveloppe_id = old.enveloppe_id and new.chaine_id = old.chaine_id
    and (
        (
            new.evenement = old.evenement and new.vacance = old.vacance and new.type = old.type
            and new.logement = old.logement and new.date_effet = old.date_effet
            and new.date_saisie = old.date_saisie and new.reservataire = old.reservataire and new.motif = old.motif
        )
        or (
            new.evenement = '' and new.vacance = '' and new.type = '' and new.logement = '' and new.date_effet = ''
            and new.date_saisie = '' and new.auteur = '' and new.reservataire = '' and new.motif = ''
            and new.donnees = ''
        )
    )
)
begin
    select raise(abort, 'un événement s''efface, il ne se modifie pas');
end;

drop trigger if exists contenu_sans_suppression;
create trigger contenu_sans_suppression before delete on web_contenu
begin
    select raise(abort, 'le journal ne se supprime pas');
end;

drop trigger if exists contenu_sans_remplacement;
create trigger contenu_sans_remplacement before insert on web_contenu
when exists (select 1 from web_contenu where enveloppe_id = new.enveloppe_id)
begin
    select raise(abort, 'le journal se complète à la suite');
end;

drop trigger if exists chaine_sans_modification;
create trigger chaine_sans_modification before update on web_chaine
begin
    select raise(abort, 'une chaîne ne se modifie pas');
end;

drop trigger if exists chaine_sans_suppression;
create trigger chaine_sans_suppression before delete on web_chaine
begin
    select raise(abort, 'une chaîne ne se supprime pas');
end;

drop trigger if exists chaine_sans_remplacement;
create trigger chaine_sans_remplacement before insert on web_chaine
when exists (select 1 from web_chaine where id = new.id or nom = new.nom)
begin
    select raise(abort, 'une chaîne ne se remplace pas');
end;

-- An adopted dossier and its frozen result stay as they were adopted (E20).
drop trigger if exists dossier_adopte_sans_modification;
create trigger dossier_adopte_sans_modification before update on web_dossier
when old.adopte_le is not null
begin
    select raise(abort, 'un dossier adopté ne se modifie pas');
end;

drop trigger if exists dossier_adopte_sans_suppression;
create trigger dossier_adopte_sans_suppression before delete on web_dossier
when old.adopte_le is not null
begin
    select raise(abort, 'un dossier adopté ne se supprime pas');
end;

drop trigger if exists dossier_adopte_sans_remplacement;
create trigger dossier_adopte_sans_remplacement before insert on web_dossier
when exists (
    select 1 from web_dossier
    where adopte_le is not null and (id = new.id or identifiant = new.identifiant)
)
begin
    select raise(abort, 'un dossier adopté ne se remplace pas');
end;

-- What two parties say to each other of a register, and what they agree on: a message only loses its words.
drop trigger if exists message_sans_modification;
create trigger message_sans_modification before update on web_message
when not (
    new.texte = '' and new.id = old.id and new.remarque_id = old.remarque_id and new.auteur_id = old.auteur_id
    and new.par_id = old.par_id and new.le = old.le and new.acte = old.acte
)
begin
    select raise(abort, 'un message s''efface, il ne se modifie pas');
end;

drop trigger if exists remarque_sans_modification;
create trigger remarque_sans_modification before update on web_remarque
begin
    select raise(abort, 'ce qui est dit ne se modifie pas');
end;

drop trigger if exists accord_sans_modification;
create trigger accord_sans_modification before update on web_accord
begin
    select raise(abort, 'ce qui est dit ne se modifie pas');
end;

drop trigger if exists message_sans_suppression;
create trigger message_sans_suppression before delete on web_message
begin
    select raise(abort, 'ce qui est dit ne se supprime pas');
end;

drop trigger if exists message_sans_remplacement;
create trigger message_sans_remplacement before insert on web_message
when exists (select 1 from web_message where id = new.id)
begin
    select raise(abort, 'ce qui est dit ne se remplace pas');
end;

drop trigger if exists remarque_sans_suppression;
create trigger remarque_sans_suppression before delete on web_remarque
begin
    select raise(abort, 'ce qui est dit ne se supprime pas');
end;

drop trigger if exists remarque_sans_remplacement;
create trigger remarque_sans_remplacement before insert on web_remarque
when exists (select 1 from web_remarque where id = new.id)
begin
    select raise(abort, 'ce qui est dit ne se remplace pas');
end;

drop trigger if exists accord_sans_suppression;
create trigger accord_sans_suppression before delete on web_accord
begin
    select raise(abort, 'ce qui est dit ne se supprime pas');
end;

drop trigger if exists accord_sans_remplacement;
create trigger accord_sans_remplacement before insert on web_accord
when exists (select 1 from web_accord where id = new.id)
begin
    select raise(abort, 'ce qui est dit ne se remplace pas');
end;
