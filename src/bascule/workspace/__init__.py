"""The verbs that concern a whole project: start one, check one, show one."""
