"""What people type to come in."""

from __future__ import annotations

from wtforms import EmailField, Field, HiddenField, PasswordField, StringField, ValidationError
from wtforms import Form as WTForm

from core.accounts import rules
from core.accounts.rules import LONGEST_PASSWORD
from core.web.forms import Form
from core.web.validators import EmailAddress, MaxLength, PhoneNumber, Required

# Longer than any password that we take, so that a wrong one is read and then refused.
_PASSWORD_BOX = LONGEST_PASSWORD * 2


class EmailOrMobile:
    """An email address or a number that could be texted; empty passes."""

    def __call__(self, form: WTForm, field: Field) -> None:
        """Raise `ValidationError` showing the right form of what was meant."""
        check = EmailAddress() if rules.is_email(field.data or "") else PhoneNumber()
        try:
            check(form, field)
        except ValidationError:
            raise ValidationError(
                "Enter an email address, like name@example.com, or a mobile number, like 07700 900 000"
            ) from None


class SignInForm(Form):
    """The first step. `next` is where to go afterwards."""

    email = EmailField("Your email address", validators=[Required(), EmailAddress(), MaxLength(254)])
    password = PasswordField("Your password", validators=[Required(), MaxLength(_PASSWORD_BOX)])
    next = HiddenField()


class CodeForm(Form):
    """The second step."""

    code = StringField("Code", validators=[Required("Enter the code"), MaxLength(LONGEST_PASSWORD)])
    next = HiddenField()


class ForgottenForm(Form):
    """Asking for a link to choose another password."""

    email = EmailField("Your email address", validators=[Required(), EmailAddress(), MaxLength(254)])


class LinkForm(Form):
    """Asking for a link to sign in, by email or by text."""

    to = StringField(
        "Your email address or mobile number",
        validators=[Required("Enter your email address or mobile number"), EmailOrMobile(), MaxLength(254)],
    )


class OwnWordsForm(Form):
    """Choosing words that only they know, shown while they are typed: they are long, and phones change letters."""

    words = StringField(
        "Your three words", validators=[Required("Enter three words"), MaxLength(_PASSWORD_BOX)]
    )


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
