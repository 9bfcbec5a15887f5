"""Who somebody is, as others attest it: authenticators (passkeys) and the organisation's identity provider."""
