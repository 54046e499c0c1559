import Testing

/// Every numbered step of the user guide, in its own words. A step's test walks all steps up to it, on an installation
/// of its own.
enum GuideTests {
    @Suite(.serialized, .browser())
    struct Activation {
        @Test(#"Aktivasi 1: Klik menu "LOGIN"."#)
        func activation1() throws { try Guide.walk(.activation, through: 1) }

        @Test(#"Aktivasi 2: Klik button "PENYEDIA ATAU NON PENYEDIA"."#)
        func activation2() throws { try Guide.walk(.activation, through: 2) }

        @Test(#"Aktivasi 3: Input User ID dan klik button "Login"."#)
        func activation3() throws { try Guide.walk(.activation, through: 3) }

        @Test(#"Aktivasi 4: Input Password dan klik button "Login"."#)
        func activation4() throws { try Guide.walk(.activation, through: 4) }

        @Test(#"Aktivasi 5: Klik "ENABLE TOTP"."#)
        func activation5() throws { try Guide.walk(.activation, through: 5) }

        @Test(#"Aktivasi 6: Scan QR Code menggunakan Aplikasi 2FA."#)
        func activation6() throws { try Guide.walk(.activation, through: 6) }

        @Test(#"Aktivasi 7: Klik button "LOGOUT"."#)
        func activation7() throws { try Guide.walk(.activation, through: 7) }

        @Test(#"Aktivasi 8: Lanjutkan proses pada poin 1 (satu) s.d. 4 (empat)."#)
        func activation8() throws { try Guide.walk(.activation, through: 8) }

        @Test(#"Aktivasi 9: Input Kode TOTP (di dapat dari Aplikasi 2FA yang digunakan)."#)
        func activation9() throws { try Guide.walk(.activation, through: 9) }

        @Test(#"Aktivasi 10: Berhasil Login."#)
        func activation10() throws { try Guide.walk(.activation, through: 10) }
    }

    @Suite(.serialized, .browser())
    struct Reset {
        @Test(#"Reset 1: Klik menu "LOGIN"."#)
        func reset1() throws { try Guide.walk(.reset, through: 1) }

        @Test(#"Reset 2: Klik button "PENYEDIA ATAU NON PENYEDIA"."#)
        func reset2() throws { try Guide.walk(.reset, through: 2) }

        @Test(#"Reset 3: Input User ID dan klik "Reset TOTP?"."#)
        func reset3() throws { try Guide.walk(.reset, through: 3) }

        @Test(#"Reset 4: Input User ID, Email, Kode Keamanan, dan Tipe User lalu klik button "Kirim"."#)
        func reset4() throws { try Guide.walk(.reset, through: 4) }

        @Test(
            #"Reset 5: Periksa ke akun email lalu buka email dengan subjek Konfirmasi Permintaan Reset TOTP dan klik button "Reset TOTP"."#
        )
        func reset5() throws { try Guide.walk(.reset, through: 5) }

        @Test(#"Reset 6: Klik button "Reset TOTP"."#)
        func reset6() throws { try Guide.walk(.reset, through: 6) }

        @Test(#"Reset 7: Klik button "OK" untuk melakukan Konfirmasi Reset TOTP."#)
        func reset7() throws { try Guide.walk(.reset, through: 7) }

        @Test(#"Reset 8: Selanjutnya silakan melakukan Aktivasi TOTP ulang."#)
        func reset8() throws { try Guide.walk(.reset, through: 8) }
    }

    @Suite(.serialized, .browser())
    struct Disabling {
        @Test(
            #"Disable 1: Setelah berhasil Login menggunakan User ID, Password, dan Kode TOTP. Klik button "Disable TOTP"."#
        )
        func disable1() throws { try Guide.walk(.disable, through: 1) }

        @Test(#"Disable 2: Klik "Disable TOTP"."#)
        func disable2() throws { try Guide.walk(.disable, through: 2) }

        @Test(#"Disable 3: Klik "Enable TOTP"."#)
        func disable3() throws { try Guide.walk(.disable, through: 3) }

        @Test(#"Disable 4: Hapus TOTP sebelumnya dan scan QR Code menggunakan Aplikasi 2FA."#)
        func disable4() throws { try Guide.walk(.disable, through: 4) }

        @Test(#"Disable 5: Klik button "Logout"."#)
        func disable5() throws { try Guide.walk(.disable, through: 5) }

        @Test(#"Disable 6: Login kembali menggunakan User ID, Password, dan Kode TOTP."#)
        func disable6() throws { try Guide.walk(.disable, through: 6) }
    }
}
