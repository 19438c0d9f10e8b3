#include <sys/stat.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "index/file_system.h"
#include "server/exposure.h"
#include "server/identity/certificate_caller.h"
#include "server/tls/trial_certificates.h"
#include "tools/gradmatch/commands.h"

namespace gradmatch {
namespace {

constexpr char kName[] = "GradMatch trial, not for production";

struct Arguments {
  std::string folder;
  std::string role;
  std::string tenant;
  std::string trust_domain = "gradmatch";
  std::vector<std::string> hosts;
  std::vector<std::string> sources;
  int64_t days = 30;
};

std::string In(const Arguments& arguments, const std::string& name) {
  return (std::filesystem::absolute(arguments.folder) / name)
      .lexically_normal()
      .string();
}

CertificateRequest Dated(const Arguments& arguments) {
  CertificateRequest request;
  request.name = kName;
  // Clocks of machines differ a little.
  request.not_before = absl::Now() - absl::Minutes(5);
  request.not_after = absl::Now() + absl::Hours(24) * arguments.days;
  return request;
}

absl::Status Write(const Arguments& arguments, const std::string& name,
                   const IssuedCertificate& issued) {
  absl::Status written =
      WriteFileDurably(In(arguments, name + ".key"), issued.key_pem, 0600);
  if (!written.ok()) return written;
  return WriteFileDurably(In(arguments, name + ".pem"), issued.certificate_pem);
}

absl::Status Issue(const Arguments& arguments, const std::string& name,
                   const CertificateRequest& request,
                   const IssuedCertificate* issuer) {
  const auto issued = IssueCertificate(request, issuer);
  return issued.ok() ? Write(arguments, name, *issued) : issued.status();
}

// role.pem, or role-tenant.pem, for whom the server would take it.
absl::Status IssueCaller(const Arguments& arguments, const std::string& role,
                         const std::string& tenant,
                         const IssuedCertificate& authority) {
  CertificateRequest request = Dated(arguments);
  request.uris = {absl::StrCat("spiffe://", arguments.trust_domain, "/", role,
                               tenant.empty() ? "" : "/", tenant)};
  const auto caller = CallerOfCertificate(request.uris, arguments.trust_domain);
  if (!caller.ok()) {
    return absl::InvalidArgumentError(caller.status().message());
  }
  return Issue(arguments, tenant.empty() ? role : role + "-" + tenant, request,
               &authority);
}

absl::Status IssueServer(const Arguments& arguments,
                         const IssuedCertificate& authority) {
  CertificateRequest request = Dated(arguments);
  request.use = CertificateRequest::Use::kServer;
  request.dns_names = {"localhost"};
  request.ip_addresses = {"127.0.0.1", "::1"};
  for (const std::string& host : arguments.hosts) {
    const bool address =
        host.find_first_not_of("0123456789.") == std::string::npos ||
        host.find(':') != std::string::npos;
    (address ? request.ip_addresses : request.dns_names).push_back(host);
  }
  return Issue(arguments, "server", request, &authority);
}

std::string ServerConfig(const Arguments& arguments) {
  return absl::StrCat(
      "# For a trial: callers show certificates made by `gradmatch tls`.\n"
      "tls:\n  certificate_file: ",
      In(arguments, "server.pem"),
      "\n  key_file: ", In(arguments, "server.key"),
      "\n  client_ca_file: ", In(arguments, "ca.pem"),
      "\nauth:\n  mode: mtls\n  trust_domain: ", arguments.trust_domain, "\n");
}

absl::Status MakeTrial(const Arguments& arguments) {
  if (FileExists(In(arguments, "ca.key"))) {
    return absl::AlreadyExistsError(absl::StrCat(
        arguments.folder,
        " has an authority already; `gradmatch tls issue` makes more "
        "certificates with it, another folder takes another one"));
  }
  if (!IsTrustDomain(arguments.trust_domain)) {
    return absl::InvalidArgumentError(
        "--trust-domain is 1 to 255 of a-z, 0-9, '.', '-' and '_'");
  }
  std::error_code error;
  std::filesystem::create_directories(arguments.folder, error);
  if (error || ::chmod(arguments.folder.c_str(), 0700) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot make the folder ", arguments.folder));
  }
  CertificateRequest request = Dated(arguments);
  request.use = CertificateRequest::Use::kAuthority;
  const auto authority = IssueCertificate(request);
  if (!authority.ok()) return authority.status();
  absl::Status made = Write(arguments, "ca", *authority);
  if (made.ok()) made = IssueServer(arguments, *authority);
  for (const char* role : {"platform", "operator"}) {
    if (made.ok()) made = IssueCaller(arguments, role, "", *authority);
  }
  for (const std::string& source : arguments.sources) {
    if (made.ok()) made = IssueCaller(arguments, "source", source, *authority);
  }
  if (!made.ok()) return made;
  return WriteFileDurably(In(arguments, "server.yaml"),
                          ServerConfig(arguments));
}

void PrintNextSteps(const Arguments& arguments) {
  const auto in = [&](const char* name) { return In(arguments, name); };
  std::cerr
      << "Made in " << in("") << " for a trial: whoever reads ca.key can be "
      << "anybody, so it is not for production.\n"
      << "  gradmatch serve --config " << in("server.yaml")
      << " --data-dir DIR\n"
      << "  gradmatch context add trial --endpoint 127.0.0.1:50051 --tls-ca "
      << in("ca.pem") << " --tls-cert " << in("platform.pem") << " --tls-key "
      << in("platform.key") << "\n"
      << "  gradmatch context use trial && gradmatch status\n"
      << "  curl --cacert " << in("ca.pem") << " --cert " << in("platform.pem")
      << " --key " << in("platform.key")
      << " https://127.0.0.1:8080/v1/sources\n"
      << "  gradmatch tls issue " << arguments.folder
      << " source hubei    # one more caller\n";
}

int Trial(const GlobalOptions& options, const Arguments& arguments) {
  const absl::Status made = MakeTrial(arguments);
  if (!made.ok()) return Fail(made);
  if (!options.quiet) PrintNextSteps(arguments);
  return kExitOk;
}

int IssueOne(const GlobalOptions& options, const Arguments& arguments) {
  IssuedCertificate authority;
  auto text = ReadTextFile(In(arguments, "ca.pem"));
  if (!text.ok()) return Fail(text.status());
  authority.certificate_pem = *std::move(text);
  text = ReadTextFile(In(arguments, "ca.key"));
  if (!text.ok()) return Fail(text.status());
  authority.key_pem = *std::move(text);
  absl::Status made =
      arguments.role == "server"
          ? IssueServer(arguments, authority)
          : IssueCaller(arguments, arguments.role, arguments.tenant, authority);
  if (!made.ok()) return Fail(made);
  if (!options.quiet) std::cerr << "Made in " << In(arguments, "") << "\n";
  return kExitOk;
}

}  // namespace

void AddTlsCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("tls", "Certificates for trials");
  auto a = std::make_shared<Arguments>();
  const std::string domain = "Of callers' names, as auth.trust_domain";
  line.Add("tls trial",
           "Makes an authority, the server's certificate and callers', and a "
           "configuration that uses them; not for production",
           [&options, a] { return Trial(options, *a); })
      .Positional("folder", &a->folder, "Folder to make")
      .Option("--host", &a->hosts, "Name or address of the server; repeatable")
      .Option("--source", &a->sources,
              "Source to make a caller for; repeatable")
      .Option("--days", &a->days, "Days until all of it expires")
      .Range(1, 365)
      .Option("--trust-domain", &a->trust_domain, domain)
      .Offline();
  line.Add("tls issue",
           "One more certificate of that authority, or the server's anew",
           [&options, a] { return IssueOne(options, *a); })
      .Positional("folder", &a->folder, "Folder of `tls trial`")
      .Positional("role", &a->role,
                  "platform, source, operator, staff, scientist, viewer; or "
                  "server")
      .OptionalPositional("tenant", &a->tenant, "Id of the source or staff")
      .Option("--host", &a->hosts, "Name or address of the server; repeatable")
      .Option("--days", &a->days, "Days until it expires")
      .Range(1, 365)
      .Option("--trust-domain", &a->trust_domain, domain)
      .Offline();
}

}  // namespace gradmatch
