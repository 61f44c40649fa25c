"""How the panel looks: dark, for eyes at night; colour only where it means something."""

STYLE = """
#panel, #panel QWidget { background: #171b21; color: #d9dee5; font-size: 14px; }
#panel QLabel { background: transparent; }
#panel QLabel#prompt { font-size: 30px; font-weight: 600; color: #ffffff; }
#panel QLabel#details { color: #8b96a5; }
#panel QLabel#heading { color: #8b96a5; font-weight: 600; }
#panel QLabel#queue { font-size: 22px; font-weight: 700; color: #ffffff; }
#panel QLabel#notice { background: #4a3a10; color: #ffd76a; border-radius: 4px; padding: 6px 10px; }
#panel QLabel#message { color: #d9dee5; padding: 4px 2px; }
#panel QLineEdit { background: #0f1216; border: 1px solid #39424e; border-radius: 4px; padding: 4px 8px; }
#panel QLineEdit:focus { border-color: #5aa0f2; }
#panel QPushButton { background: #2a313b; border: 1px solid #39424e; border-radius: 4px; padding: 7px 12px; }
#panel QPushButton:hover { background: #343d49; }
#panel QPushButton:disabled { color: #566070; background: #1d222a; border-color: #262d36; }
#panel QPushButton[judgement="true"] { font-size: 18px; font-weight: 600; padding: 14px 10px; }
#panel QPushButton#success { background: #1f6f43; } #panel QPushButton#success:hover { background: #278a53; }
#panel QPushButton#failure { background: #8a2f2f; } #panel QPushButton#failure:hover { background: #a63a3a; }
#panel QPushButton#unsure { background: #7a5c14; } #panel QPushButton#unsure:hover { background: #96721a; }
#panel QPushButton[judgement="true"]:disabled { background: #1d222a; }
#panel QPushButton#stop { background: #d21f1f; color: #ffffff; font-size: 36px; font-weight: 800; border: 3px solid #ffffff; }
#panel QPushButton#stop:pressed { background: #8d1010; }
#panel QPushButton#approve:enabled { background: #1f6f43; } #panel QPushButton#reject:enabled { background: #8a2f2f; }
#panel QLabel#state { font-size: 18px; font-weight: 700; padding: 8px; border-radius: 4px; background: #2a313b; }
#panel QLabel#state[state="stopped"] { background: #8a2f2f; color: #ffffff; }
#panel QLabel#state[state="moving"] { background: #1d5fa8; color: #ffffff; }
#panel QLabel#state[state="enabled"] { background: #1f6f43; color: #ffffff; }
#panel QLabel#state[state="unknown"] { color: #8b96a5; }
#panel QFrame#line { color: #39424e; background: #39424e; max-height: 1px; border: none; }
#panel QSlider::groove:horizontal { height: 6px; background: #2a313b; border-radius: 3px; }
#panel QSlider::sub-page:horizontal { background: #5aa0f2; border-radius: 3px; }
#panel QSlider::handle:horizontal { width: 16px; margin: -6px 0; border-radius: 8px; background: #d9dee5; }
#panel QCheckBox { spacing: 8px; } #panel QCheckBox:disabled { color: #566070; }
#panel QCheckBox::indicator { width: 16px; height: 16px; border: 1px solid #8b96a5; border-radius: 3px; background: #0f1216; }
#panel QCheckBox::indicator:disabled { border-color: #39424e; }
#panel QCheckBox::indicator:checked { background: #2fa866; border-color: #2fa866; }
"""
