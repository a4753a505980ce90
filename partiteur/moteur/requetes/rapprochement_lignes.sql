-- Lines of a register set beside the parc, those of a condition, one page of them.
select r.* from rapprochees r where {condition} order by r.ligne nulls last limit {combien} offset {passees}
