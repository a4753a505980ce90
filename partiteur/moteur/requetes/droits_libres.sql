-- The dwellings that no identified right holds, of each programme of {source} where rights are held in number.
select p.programme, count(*) - count(i.ligne) as logements
from {source} p
join (select distinct d.programme from droits_nombres d) n on n.programme = p.programme
left join identifies i on i.ligne = p.ligne
group by p.programme
