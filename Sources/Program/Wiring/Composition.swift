import ApplicationAPI
import Demo
import Configuration
import CommandLine
import Cryptography
import Domain
import OpenID
import Operations
import Pages
import Pictures
import Portal
import Threading
import Worker

/// Every page and mail, loaded and checked.
struct TemplateSet {
    let pages: Pages
    let mails: MailTemplates

    /// - Throws: `PageErrors`, `MailTemplateErrors`: every mistake with file and line.
    init(_ configuration: Configuration) throws {
        let folder = try ResourceDirectory.templates(configured: configuration.templatesDirectory)
        let read = { (file: String) in TextFile.read("\(folder)/\(file)") }
        pages = try Pages(
            Pages.Settings(
                language: configuration.language, helpdesk: configuration.mail.helpdesk,
                isSecure: configuration.publicURL.hasPrefix("https:")), read: read)
        mails = try MailTemplates(read: read)
        let problems =
            Portal.templateProblems(pages, configuration.portalRules) + Operations.templateProblems(pages)
            + Inbox.templateProblems(pages)
        guard problems.isEmpty else { throw PageErrors(problems: problems) }
    }
}

/// What every role is made of: keys, templates, rules. Making it checks it.
struct Composition {
    let configuration: Configuration
    let templates: TemplateSet
    private let keys: KeyRing
    /// Nil where no application logs in by OpenID Connect.
    private let tokenKeys: TokenKeys?
    private let clientSecrets: [(application: Application, secrets: [String])]

    init(_ configuration: Configuration, for roles: Set<Service.Role>, logger: any Logger) throws {
        self.configuration = configuration
        let names = roles.reduce(into: Set<KeyRing.Name>()) { $0.formUnion($1.keys) }
        keys = try KeyRing(names, directory: configuration.keysDirectory, logger: logger)
        templates = try TemplateSet(configuration)
        let clients = configuration.applications.filter { $0.application.client != nil }
        tokenKeys =
            clients.isEmpty || roles.isDisjoint(with: [.portal, .worker])
            ? nil : try TokenKeys(directory: configuration.keysDirectory, logger: logger)
        clientSecrets =
            roles.contains(.portal)
            ? try clients.map { ($0.application, try $0.clientSecretFile.map(ClientSecretFile.read) ?? []) } : []
    }

    private var idTokens: IDTokens? {
        tokenKeys.map { IDTokens(issuer: configuration.publicURL, keys: $0.set) }
    }

    /// What applications that log in with us call by machine; nil without any.
    func openIDProvider(
        _ store: any Store, clock: any Clock, random: any RandomSource, logger: any Logger
    ) -> OpenIDProvider? {
        idTokens.map { tokens in
            OpenIDProvider(
                tokens: tokens, store: store,
                grants: OpenIDGrants(sessions: sessions(random: random), random: random),
                clients: ClientAuthentication(clientSecrets), clock: clock, logger: logger)
        }
    }

    /// Where applications are told what happens.
    func receivers(stop: StopSignal) throws -> [Worker.Equipment.Receiver] {
        let logoutTokens = tokenKeys.map { LogoutTokens(issuer: configuration.publicURL, keys: $0.set) }
        return try configuration.applications.flatMap { application in
            [
                try Worker.Equipment.Receiver(eventsOf: application, stop: stop),
                logoutTokens.flatMap { Worker.Equipment.Receiver(logoutsOf: application, $0, stop: stop) },
            ].compactMap { $0 }
        }
    }

    private func sessions(random: any RandomSource) -> SessionService {
        SessionService(limits: configuration.session, random: random)
    }

    private var captchas: CaptchaService { CaptchaService(keys: keys.signing(.captcha), alphabet: Captcha.alphabet) }
    private var links: ResetLinks { ResetLinks(keys: keys.signing(.link)) }
    private var forms: FormTokens { FormTokens(keys: keys.signing(.form)) }

    func portal(
        _ store: any Store, clock: any Clock, random: any RandomSource, logger: any Logger, workers: Int
    ) -> Portal {
        Portal(
            settings: configuration.portalRules, store: store, pages: templates.pages,
            services: services(store, random: random, workers: workers), forms: forms, clock: clock, random: random,
            logger: logger, speech: EspeakSynthesizer.installed())
    }

    /// - Parameter workers: of the server that asks, of which half at most are to wait for passwords to be hashed.
    private func services(_ store: any Store, random: any RandomSource, workers: Int) -> Portal.Services {
        let sessions = sessions(random: random)
        let maxConcurrent = max(1, min(ProcessorCount.cores, workers / 2))
        let passwords = BoundedPasswordVerifier(
            hasher: PasswordHasher(), random: random, maxConcurrent: maxConcurrent,
            maxWaiting: max(0, workers / 2 - maxConcurrent))
        return Portal.Services(
            captchas: captchas, reset: ResetConfirmation(links: links),
            tickets: ClaimedIdentities(keys: keys.signing(.form)),
            destinations: LoginDestinations(keys: keys.signing(.form)),
            forward: ForwardAuth(
                applications: configuration.applications.map(\.application), sessions: sessions, random: random),
            login: PasswordLogin(passwords: passwords, sessions: sessions, keys: keys.signing(.form)),
            sessions: sessions,
            codes: CodeVerification(sealer: keys.sealing, offset: { store.clockOffset }),
            enrollment: enrollment(random: random), recovery: RecoveryCodes(random: random),
            openID: idTokens.map {
                OpenIDServices(
                    issuer: configuration.publicURL, grants: OpenIDGrants(sessions: sessions, random: random),
                    tokens: $0)
            })
    }

    /// What applications call; the same use cases as behind the pages.
    func applicationAPI(
        _ store: any Store, clock: any Clock, random: any RandomSource, logger: any Logger
    ) -> ApplicationAPI {
        let sealer = keys.sealing
        return ApplicationAPI(
            settings: ApplicationAPI.Settings(userTypes: configuration.userTypes, language: configuration.language),
            applications: configuration.applications.map(\.application), store: store,
            services: ApplicationAPI.Services(
                codes: CodeVerification(sealer: sealer, offset: { store.clockOffset }),
                enrollment: enrollment(random: random),
                recovery: RecoveryCodes(random: random), accounts: AccountCreator(sealer: sealer, random: random),
                sealer: sealer),
            clock: clock, random: random, logger: logger)
    }

    private func enrollment(random: any RandomSource) -> Enrollment {
        Enrollment(
            sealer: keys.sealing, issuer: configuration.totp.issuer, parameters: configuration.totp.parameters,
            random: random)
    }

    func operations(
        _ store: any Store, clock: any Clock, logger: any Logger, links: [Navigation.Link]
    ) throws -> Operations {
        let token = try configuration.operationsTokenFile.map { Array(try SecretFile.text($0).utf8) }
        return Operations(
            store: store, pages: templates.pages, clock: clock, formTokens: forms, token: token,
            zone: configuration.timeZone, version: Program.version, links: links, logger: logger)
    }

    func preparer(random: any RandomSource) -> JobPreparer {
        JobPreparer(
            validation: ResetRequestValidation(
                captchas: captchas, linkLifetime: configuration.reset.linkLifetime,
                perAccountPerHour: configuration.reset.perAccountPerHour),
            composer: MailComposer(
                settings: MailComposer.Settings(
                    publicURL: configuration.publicURL, zone: configuration.timeZone,
                    helpdesk: configuration.mail.helpdesk, linkLifetime: configuration.reset.linkLifetime),
                links: links),
            linkLifetime: configuration.reset.linkLifetime, language: configuration.language, random: random,
            returnAddresses: configuration.mail.bounce.map {
                ReturnAddresses(mailbox: $0, keys: keys.signing(.link))
            })
    }
}

extension Configuration {
    var portalRules: Portal.Settings {
        Portal.Settings(
            site: publicURL, userTypes: userTypes, applications: applications.map(\.application), zone: timeZone,
            linkLifetime: reset.linkLifetime,
            perAddressPerHour: reset.perAddressPerHour)
    }
}
