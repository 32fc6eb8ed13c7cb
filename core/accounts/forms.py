"""What people type to come in."""

from __future__ import annotations

from wtforms import EmailField, HiddenField, PasswordField, StringField

from core.accounts.rules import LONGEST_PASSWORD
from core.web.forms import Form
from core.web.validators import EmailAddress, MaxLength, Required

# Longer than any password that we take, so that a wrong one is read and then refused.
_PASSWORD_BOX = LONGEST_PASSWORD * 2


class SignInForm(Form):
    """The first step. `next` is where to go afterwards."""

    email = EmailField("Your email address", validators=[Required(), EmailAddress(), MaxLength(254)])
    password = PasswordField("Your password", validators=[Required(), MaxLength(_PASSWORD_BOX)])
    next = HiddenField()


class CodeForm(Form):
    """The second step."""

    code = StringField("Code", validators=[Required("Enter the code"), MaxLength(20)])
    next = HiddenField()


class ForgottenForm(Form):
    """Asking for a link to choose another password."""

    email = EmailField("Your email address", validators=[Required(), EmailAddress(), MaxLength(254)])


class NewPasswordForm(Form):
    """Choosing a password."""

    new_password = PasswordField("Your new password", validators=[Required(), MaxLength(_PASSWORD_BOX)])


class ChangePasswordForm(Form):
    """Changing one's own password."""

    password = PasswordField("Your present password", validators=[Required(), MaxLength(_PASSWORD_BOX)])
    new_password = PasswordField("Your new password", validators=[Required(), MaxLength(_PASSWORD_BOX)])


class AppCodeForm(Form):
    """Showing the authenticator app again."""

    code = StringField(
        "Code from your app", validators=[Required("Enter the code from your app"), MaxLength(20)]
    )
