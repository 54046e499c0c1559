package import Cryptography
package import Domain
package import Pages

// Portal: the pages that people see. It asks Domain for every decision and knows no SQL. Begin with `PortalRoutes`, then
// `RequestContext`, which decides what a person may see.

/// The pages people see.
package struct Portal: Sendable {
    /// What the portal decides by.
    package struct Settings: Sendable {
        /// Where people reach the portal: what recovery codes on paper say they are for.
        package let site: String
        package let userTypes: [UserType]
        /// Which people log in to with us, by id.
        package let applications: [String: Application]
        package let zone: LocalTimeZone
        package let linkLifetime: TimeSpan
        package let perAddressPerHour: Int

        package init(
            site: String, userTypes: [UserType], applications: [Application] = [], zone: LocalTimeZone,
            linkLifetime: TimeSpan, perAddressPerHour: Int
        ) {
            self.site = site
            self.userTypes = userTypes
            self.applications = Dictionary(applications.filter(\.hasLogin).map { ($0.id, $0) }) { $1 }
            self.zone = zone
            self.linkLifetime = linkLifetime
            self.perAddressPerHour = perAddressPerHour
        }
    }

    /// What decides, one desk a subject.
    package struct Services: Sendable {
        package let captchas: CaptchaService
        package let reset: ResetConfirmation
        package let tickets: ClaimedIdentities
        package let destinations: LoginDestinations
        package let forward: ForwardAuth
        package let login: PasswordLogin
        package let sessions: SessionService
        package let codes: CodeVerification
        package let enrollment: Enrollment
        package let recovery: RecoveryCodes
        /// Nil where no application logs in by OpenID Connect.
        package let openID: OpenIDServices?

        package init(
            captchas: CaptchaService, reset: ResetConfirmation, tickets: ClaimedIdentities,
            destinations: LoginDestinations, forward: ForwardAuth, login: PasswordLogin, sessions: SessionService,
            codes: CodeVerification,
            enrollment: Enrollment, recovery: RecoveryCodes, openID: OpenIDServices? = nil
        ) {
            self.captchas = captchas
            self.reset = reset
            self.tickets = tickets
            self.destinations = destinations
            self.forward = forward
            self.login = login
            self.sessions = sessions
            self.codes = codes
            self.enrollment = enrollment
            self.recovery = recovery
            self.openID = openID
        }
    }

    let settings: Settings
    let store: any Store
    let pages: Pages
    let services: Services
    let forms: FormTokens
    let clock: any Clock
    let random: any RandomSource
    let logger: any Logger
    let speech: (any SpeechSynthesizer)?
    let visitors: VisitorMemory

    /// - Parameter voice: reads security codes aloud; without one the form offers no sound.
    package init(
        settings: Settings, store: any Store, pages: Pages, services: Services, forms: FormTokens, clock: any Clock,
        random: any RandomSource, logger: any Logger, speech: (any SpeechSynthesizer)? = nil
    ) {
        self.settings = settings
        self.store = store
        self.pages = pages
        self.services = services
        self.forms = forms
        self.clock = clock
        self.random = random
        self.logger = logger
        self.speech = speech
        visitors = VisitorMemory(store, services.sessions)
    }
}
