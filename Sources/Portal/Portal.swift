package import Cryptography
package import Domain
package import Pages

/// The pages people see.
package struct Portal: Sendable {
    /// What the portal decides by.
    package struct Rules: Sendable {
        /// Where people reach the portal: what recovery codes on paper say they are for.
        package let site: String
        package let userTypes: [UserType]
        package let zone: LocalTimeZone
        package let linkLifetime: Span
        package let perAddressPerHour: Int

        package init(
            site: String, userTypes: [UserType], zone: LocalTimeZone, linkLifetime: Span, perAddressPerHour: Int
        ) {
            self.site = site
            self.userTypes = userTypes
            self.zone = zone
            self.linkLifetime = linkLifetime
            self.perAddressPerHour = perAddressPerHour
        }
    }

    /// What decides, one desk a subject.
    package struct Desks: Sendable {
        package let captchas: CaptchaDesk
        package let reset: ResetDesk
        package let tickets: LoginTickets
        package let login: LoginDesk
        package let sessions: SessionDesk
        package let codes: CodeDesk
        package let enrolment: EnrolmentDesk
        package let recovery: RecoveryCodes

        package init(
            captchas: CaptchaDesk, reset: ResetDesk, tickets: LoginTickets, login: LoginDesk, sessions: SessionDesk,
            codes: CodeDesk, enrolment: EnrolmentDesk, recovery: RecoveryCodes
        ) {
            self.captchas = captchas
            self.reset = reset
            self.tickets = tickets
            self.login = login
            self.sessions = sessions
            self.codes = codes
            self.enrolment = enrolment
            self.recovery = recovery
        }
    }

    let rules: Rules
    let storage: any Storage
    let pages: Pages
    let desks: Desks
    let forms: FormTokens
    let clock: any Clock
    let random: any RandomSource
    let journal: any Journal
    let voice: (any Voice)?

    /// - Parameter voice: reads security codes aloud; without one the form offers no sound.
    package init(
        rules: Rules, storage: any Storage, pages: Pages, desks: Desks, forms: FormTokens, clock: any Clock,
        random: any RandomSource, journal: any Journal, voice: (any Voice)? = nil
    ) {
        self.rules = rules
        self.storage = storage
        self.pages = pages
        self.desks = desks
        self.forms = forms
        self.clock = clock
        self.random = random
        self.journal = journal
        self.voice = voice
    }
}
