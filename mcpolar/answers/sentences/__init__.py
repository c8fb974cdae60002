"""The sentences of a study, question by question, each made from records."""

from mcpolar.answers.sentences.lasting import lasting
from mcpolar.answers.sentences.polarizing import polarizing
from mcpolar.answers.sentences.setting import setting
from mcpolar.answers.sentences.silos import silos
from mcpolar.answers.sentences.summary import summary
from mcpolar.answers.sentences.trust import legend, trust

__all__ = ["lasting", "legend", "polarizing", "setting", "silos", "summary", "trust"]
