#ifndef GRADMATCH_TESTS_SERVER_TLS_TRIAL_FOLDER_H_
#define GRADMATCH_TESTS_SERVER_TLS_TRIAL_FOLDER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/tls/tls_files.h"
#include "server/tls/trial_certificates.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {

// A folder with an authority ("ca"), a server's certificate of it ("server",
// for localhost and 127.0.0.1), and a key beside each. Valid from an hour ago
// for a day, by the system's clock.
class TrialFolder {
 public:
  TrialFolder();

  // Makes and writes NAME.pem and NAME.key; signed by this folder's authority.
  IssuedCertificate Issue(const std::string& name, CertificateRequest request);
  // One for a caller with these URIs.
  IssuedCertificate IssueClient(const std::string& name,
                                std::vector<std::string> uris,
                                absl::Duration ends_in = absl::Hours(24));
  IssuedCertificate IssueServer(const std::string& name,
                                absl::Duration ends_in = absl::Hours(24));
  // Replaces a file as tools do that renew certificates: beside and renamed.
  void Write(const std::string& name, const std::string& text,
             int mode = 0600) const;
  std::string Path(const std::string& name) const { return folder_ / name; }

  const IssuedCertificate& authority() const { return authority_; }
  // server.pem, server.key and, with `clients`, ca.pem for callers'.
  TlsFiles files(bool clients = true) const;
  // As options: tls.certificate_file and so on.
  std::map<std::string, std::string> settings(bool clients = true) const;

 private:
  const TempFolder folder_;
  IssuedCertificate authority_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_TLS_TRIAL_FOLDER_H_
