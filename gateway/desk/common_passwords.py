"""What people choose when they have to choose something; guessers begin with it."""

_WORDS = """
1qaz2wsx3edc counter master county guangdong woshishui qazwsx tiantian 中国 投诉 woaiwojia
test letmein freedom shadow football batman mima computer xiaoxin internet guangzhou
qwertyuiop user government superman january guest 我爱你 password passw0rd spring secret
summer operator wodemima qingqing login asdfghjkl monkey qwerty woaini trustno pass
gateway zhongguo jordan iloveyou default zxcvbnm february desk china dragon shanghai
mingtian aini sunshine passwort complaint qazwsxedc changeme whatever root complaints
hotline autumn admin administrator supervisor 我的密码 moderator 政府 michael princess 管理员
beijing woaizhongguo winter 我爱中国 nihao 密码 welcome baseball
"""
WORDS = frozenset(_WORDS.split())
# Runs along the keyboard, the alphabet and the figures, either way.
ROWS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
)
