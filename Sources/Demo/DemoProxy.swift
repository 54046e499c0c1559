import CommandLine
import FoundationEssentials
import Glibc

/// nginx before the demo's notice board, with a site like the one in config/nginx/application.conf, but without TLS.
final class DemoProxy {
    private let process: DemoProcess

    /// Where nginx is; nil where it is not installed.
    static var program: String? {
        ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    init(folder: String, ports: DemoPorts) throws {
        guard let program = Self.program else { throw CommandError("The demo found no nginx to run.") }
        let file = "\(folder)/nginx.conf"
        let log = "\(folder)/nginx.log"
        try Data(Self.configuration(folder: folder, ports: ports, isRoot: getuid() == 0).utf8)
            .write(to: URL(filePath: file))
        process = try DemoProcess([program, "-c", file, "-p", folder, "-e", log], log: log)
        try process.waitUntilItAnswers(on: ports.noticeBoard)
    }

    func stop() { process.stop() }

    /// - Parameter isRoot: whether root runs it: then its workers have to stay root, since the demo's folder is closed to
    ///   everybody else.
    static func configuration(folder: String, ports: DemoPorts, isRoot: Bool) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "    \($0)_temp_path \"\(folder)/nginx-\($0)\";" }.joined(separator: "\n")
        return """
            \(isRoot ? "user root;\n" : "")daemon off;
            worker_processes 1;
            pid "\(folder)/nginx.pid";
            events {}
            http {
                access_log off;
                # Under a name of its own: nginx would take the portal's address in redirects for one to rewrite.
                upstream pulih_portal {
                    server 127.0.0.1:\(ports.portal);
                }
            \(temporary)

                server {
                    listen 127.0.0.1:\(ports.noticeBoard);
                    server_name papan.localhost;
                    server_tokens off;

            \(site(ports).split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? "" : "        \($0)" }.joined(separator: "\n"))
                }
            }

            """
    }

    /// The directives that put an application behind Pulih.
    private static func site(_ ports: DemoPorts) -> String {
        """
        # What Pulih is asked with, without bodies.
        proxy_http_version 1.1;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Method $request_method;
        proxy_set_header X-Forwarded-Uri $request_uri;

        # The notice board.
        location / {
            auth_request /.pulih/verify;
            auth_request_set $pulih_user $upstream_http_remote_user;
            auth_request_set $pulih_email $upstream_http_remote_email;
            auth_request_set $pulih_groups $upstream_http_remote_groups;
            auth_request_set $pulih_factor $upstream_http_x_pulih_factor;
            auth_request_set $pulih_login $upstream_http_location;
            error_page 401 403 = @pulih;
            proxy_set_header Remote-User $pulih_user;
            proxy_set_header Remote-Email $pulih_email;
            proxy_set_header Remote-Groups $pulih_groups;
            proxy_set_header X-Pulih-Factor $pulih_factor;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_pass_request_body on;
            proxy_pass http://127.0.0.1:\(ports.noticeBoardBehind);
        }

        # Its login, and the way to it.
        location /.pulih/ {
            proxy_pass http://pulih_portal;
        }

        # Asked before each request of the notice board.
        location = /.pulih/verify {
            internal;
            proxy_pass http://pulih_portal;
        }

        # Page loads go to the login; to anything else Pulih says why not.
        location @pulih {
            if ($pulih_login) {
                return 303 $pulih_login;
            }
            rewrite ^ /.pulih/verify break;
            proxy_method GET;
            proxy_pass http://pulih_portal;
        }
        """
    }
}
