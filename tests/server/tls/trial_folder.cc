#include "tests/server/tls/trial_folder.h"

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/time/clock.h"

namespace gradmatch {
namespace {

IssuedCertificate Must(const CertificateRequest& request,
                       const IssuedCertificate* issuer) {
  auto issued = IssueCertificate(request, issuer);
  if (issued.ok()) return *std::move(issued);
  std::fprintf(stderr, "%s\n", issued.status().ToString().c_str());
  std::abort();
}

CertificateRequest Dated(absl::Duration ends_in) {
  CertificateRequest request;
  request.not_before = absl::Now() - absl::Hours(1);
  request.not_after = absl::Now() + ends_in;
  return request;
}

}  // namespace

TrialFolder::TrialFolder() {
  CertificateRequest request = Dated(absl::Hours(24));
  request.name = "test authority";
  request.use = CertificateRequest::Use::kAuthority;
  authority_ = Must(request, nullptr);
  Write("ca.pem", authority_.certificate_pem);
  Write("ca.key", authority_.key_pem);
  IssueServer("server");
}

IssuedCertificate TrialFolder::Issue(const std::string& name,
                                     CertificateRequest request) {
  if (request.name.empty()) request.name = name;
  IssuedCertificate issued = Must(request, &authority_);
  Write(name + ".pem", issued.certificate_pem);
  Write(name + ".key", issued.key_pem);
  return issued;
}

IssuedCertificate TrialFolder::IssueClient(const std::string& name,
                                           std::vector<std::string> uris,
                                           absl::Duration ends_in) {
  CertificateRequest request = Dated(ends_in);
  request.uris = std::move(uris);
  return Issue(name, request);
}

IssuedCertificate TrialFolder::IssueServer(const std::string& name,
                                           absl::Duration ends_in) {
  CertificateRequest request = Dated(ends_in);
  request.use = CertificateRequest::Use::kServer;
  request.dns_names = {"localhost"};
  request.ip_addresses = {"127.0.0.1", "::1"};
  return Issue(name, request);
}

void TrialFolder::Write(const std::string& name, const std::string& text,
                        int mode) const {
  const std::string aside = Path(name) + ".new";
  std::ofstream(aside, std::ios::binary | std::ios::trunc) << text;
  ::chmod(aside.c_str(), static_cast<mode_t>(mode));
  std::filesystem::rename(aside, Path(name));
}

TlsFiles TrialFolder::files(bool clients) const {
  return {.certificate = Path("server.pem"),
          .key = Path("server.key"),
          .client_ca = clients ? Path("ca.pem") : ""};
}

std::map<std::string, std::string> TrialFolder::settings(bool clients) const {
  return {{"tls.certificate_file", Path("server.pem")},
          {"tls.key_file", Path("server.key")},
          {"tls.client_ca_file", clients ? Path("ca.pem") : ""}};
}

}  // namespace gradmatch
