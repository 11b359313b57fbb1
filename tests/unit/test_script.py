from __future__ import annotations

import pytest

from bot.slack.script import direction, language


@pytest.mark.parametrize(
    ("text", "tag", "way"),
    [
        ("Reports are written in many languages.", "", "ltr"),
        ("Der Bericht über Wärmepumpen", "", "ltr"),
        ("报告：新型储能产业 (BNEF)", "zh", "ltr"),
        ("ロボット産業の調査報告", "ja", "ltr"),
        ("반도체 산업 보고서", "ko", "ltr"),
        ("تقرير عن تحلية المياه (RO)", "ar", "rtl"),
        ("דוח על מים", "he", "rtl"),
        ("जल पर रिपोर्ट", "hi", "ltr"),
        ("Отчёт об истории", "ru", "ltr"),
        ("An English text that names الكلفة once", "", "ltr"),
        ("1, 2, 3 …", "", "ltr"),
        ("", "", "ltr"),
    ],
)
def test_the_letters_of_a_text_tell_its_direction_and_language(text, tag, way):
    assert (language(text), direction(text)) == (tag, way)
