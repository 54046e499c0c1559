/// A client made of Authlib, with a person in front of it who has requests for a browser: logs in, refreshes, revokes. It is
/// told what it needs on its standard input, stops at the first thing that is not as it should be, and prints what it learnt.
enum AuthlibClient {
    static let program = #"""
        """An OpenID Connect client made of Authlib, with a person of flesh in front of it: logs in, refreshes, revokes."""
        import json, re, secrets, sys
        from urllib.parse import parse_qs, urljoin, urlsplit

        import requests
        from authlib.integrations.base_client.errors import OAuthError
        from authlib.integrations.requests_client import OAuth2Session
        from authlib.jose import JsonWebKey, jwt
        from authlib.oidc.core import CodeIDToken

        given = json.load(sys.stdin)
        issuer = given["issuer"]
        redirect = given["redirect"]
        meta = requests.get(issuer + "/.well-known/openid-configuration").json()
        assert meta["issuer"] == issuer
        client = OAuth2Session(
            given["client"], given["secret"], scope="openid profile email", redirect_uri=redirect,
            code_challenge_method="S256", token_endpoint_auth_method=given["method"])

        person = requests.Session()


        def browse(method, url, **more):
            # To browsers loopback counts as secure.
            for cookie in person.cookies:
                cookie.secure = False
            return person.request(method, url, **more)


        def submit(url, fields):
            page = browse("GET", url)
            assert page.status_code == 200, (url, page.status_code)
            csrf = re.search('name="csrf" value="([^"]*)"', page.text).group(1)
            action = re.search('<form [^>]*method="post" action="([^"]*)"', page.text).group(1).replace("&amp;", "&")
            answer = browse("POST", urljoin(url, action), data={"csrf": csrf, **fields}, allow_redirects=False)
            assert answer.status_code == 303, (url, answer.status_code)
            return urljoin(url, answer.headers["Location"])


        def authorize(**more):
            nonce, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
            url, state = client.create_authorization_url(
                meta["authorization_endpoint"], nonce=nonce, code_verifier=verifier, **more)
            answer = browse("GET", url, allow_redirects=False)
            return answer.headers["Location"], state, nonce, verifier


        place, state, nonce, verifier = authorize(login_hint="budi")
        login = urljoin(issuer, place)
        assert urlsplit(login).path == "/login", login
        assert 'value="budi"' in browse("GET", login).text
        password = submit(login, {"user_id": "budi", "user_type": "penyedia,non-penyedia"})
        code = submit(password, {"password": given["password"]})
        if urlsplit(code).path == "/login/code":
            code = submit(code, {"code": given["code"]})
        answer = browse("GET", code, allow_redirects=False).headers["Location"]
        assert answer.startswith(redirect + "?"), answer
        fields = parse_qs(urlsplit(answer).query)
        assert fields["iss"] == [issuer] and fields["state"] == [state]

        tokens = client.fetch_token(
            meta["token_endpoint"], authorization_response=answer, state=state, code_verifier=verifier)
        keys = JsonWebKey.import_key_set(requests.get(meta["jwks_uri"]).json())


        def claims(tokens, nonce=None):
            read = jwt.decode(tokens["id_token"], keys, claims_cls=CodeIDToken, claims_options={
                "iss": {"values": [issuer]}, "aud": {"values": [given["client"]]}},
                claims_params={"nonce": nonce, "client_id": given["client"], "access_token": tokens["access_token"]})
            read.validate(leeway=0)
            return read


        first = claims(tokens, nonce)
        facts = client.get(meta["userinfo_endpoint"]).json()
        assert facts["sub"] == first["sub"]
        old = tokens["refresh_token"]
        second = client.refresh_token(meta["token_endpoint"], refresh_token=old)
        assert second["refresh_token"] != old and "nonce" not in claims(second)
        # Logged in already: nothing is asked again.
        place, state, nonce, verifier = authorize(prompt="none")
        assert place.startswith(redirect + "?code="), place
        silent = client.fetch_token(meta["token_endpoint"], authorization_response=place, state=state, code_verifier=verifier)
        assert claims(silent, nonce)["sub"] == first["sub"]
        revoked = client.revoke_token(meta["revocation_endpoint"], token=silent["refresh_token"])
        assert revoked.status_code == 200
        try:
            client.refresh_token(meta["token_endpoint"], refresh_token=silent["refresh_token"])
            raise SystemExit("a revoked token was taken")
        except OAuthError as error:
            assert error.error == "invalid_grant", error
        # The old token of the first login comes back: all of that login is over.
        try:
            client.refresh_token(meta["token_endpoint"], refresh_token=old)
            raise SystemExit("a used token was taken")
        except OAuthError as error:
            assert error.error == "invalid_grant", error
        gone = requests.get(meta["userinfo_endpoint"], headers={"Authorization": "Bearer " + second["access_token"]})
        assert gone.status_code == 401 and "invalid_token" in gone.headers["WWW-Authenticate"]
        print(json.dumps({"header": first.header, "claims": first, "facts": facts}))
        """#
}
