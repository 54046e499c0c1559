/// What stands on headings, buttons and fields. The Indonesian ones are the guide's, letter by letter.
struct GuideLabels {
    let language: String
    let start: String
    let login: String
    let choose: String
    let door: String
    let userIDForm: String
    let passwordForm: String
    let next: String
    let codeForm: String
    let code: String
    let member: String
    let loggedIn: String
    let enable: String
    let enableButton: String
    let scan: String
    let picture: String
    let logout: String
    let request: String
    let securityCode: String
    let userType: String
    let send: String
    let sent: String
    let confirmation: String
    let done: String
    let activateAgain: String
    let deleteOld: String
    let logoutAgain: String

    // The same in both languages.
    let userID = "User ID"
    let password = "Password"
    let email = "Email"
    let forgotten = "Reset TOTP?"
    let reset = "Reset TOTP"
    let accept = "OK"
    let disable = "Disable TOTP"
    let enableAgain = "Enable TOTP"

    static let indonesian = GuideLabels(
        language: "id", start: "Halaman Utama", login: "LOGIN", choose: "Pilih Jenis User",
        door: "PENYEDIA ATAU NON PENYEDIA", userIDForm: "Form Login 1", passwordForm: "Form Login 2", next: "Login",
        codeForm: "Input Kode TOTP", code: "Kode TOTP", member: "Beranda", loggedIn: "Berhasil login.",
        enable: "Enable TOTP", enableButton: "ENABLE TOTP", scan: "Scan QR Code",
        picture: "QR Code untuk Aplikasi 2FA. Kunci yang sama tertulis di bawahnya.", logout: "LOGOUT",
        request: "Permintaan Reset TOTP",
        securityCode: "Kode Keamanan", userType: "Tipe User", send: "Kirim", sent: "Berhasil Kirim Reset TOTP",
        confirmation: "Konfirmasi Reset TOTP", done: "TOTP Berhasil di Reset",
        activateAgain: "Selanjutnya silakan melakukan Aktivasi TOTP ulang.", deleteOld: "Hapus TOTP sebelumnya",
        logoutAgain: "Logout")

    static let english = GuideLabels(
        language: "en", start: "Start", login: "LOG IN", choose: "Choose your user type",
        door: "PENYEDIA (PROVIDER) OR NON PENYEDIA (NON-PROVIDER)", userIDForm: "Log in: your User ID",
        passwordForm: "Log in: your password", next: "Log in", codeForm: "Enter your TOTP code", code: "TOTP code",
        member: "My page", loggedIn: "You are logged in.", enable: "Enable TOTP", enableButton: "ENABLE TOTP",
        scan: "Scan the QR code", picture: "QR code for the 2FA app. The same key is written below it.",
        logout: "LOG OUT",
        request: "Request a TOTP reset", securityCode: "Security code", userType: "User type", send: "Send",
        sent: "TOTP reset request sent", confirmation: "Confirm the TOTP reset", done: "Your TOTP has been reset",
        activateAgain: "Please activate TOTP again.", deleteOld: "Delete the previous TOTP", logoutAgain: "Log out")
}
