#ifndef GRADMATCH_SERVER_TLS_TLS_KEEPER_H_
#define GRADMATCH_SERVER_TLS_TLS_KEEPER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"
#include "server/log.h"
#include "server/tls/tls_files.h"
#include "server/tls/tls_session.h"

namespace gradmatch {

// The certificates in force. They change by Check only, to what was found
// usable as a whole: a bad new file leaves those in force that were. Has no
// thread: whoever owns it calls Check now and then. Thread-safe.
class TlsKeeper {
 public:
  struct Settings {
    TlsFiles files;
    bool require_client = false;
  };
  // One set of certificates; never changed.
  struct Certificates {
    TlsMaterial material;
    std::shared_ptr<const TlsContext> context;
    bool require_client = false;
    int64_t number = 0;  // one higher with each that comes into force
  };
  struct Figures {
    absl::Time not_after;
    absl::Time client_ca_not_after;  // InfiniteFuture: there is none
    int64_t reloads = 0;             // changes that came into force
    int64_t failed_reloads = 0;      // changes that did not
  };

  // InvalidArgument says which file is of no use and why. `clock` and `log` are
  // borrowed.
  static absl::StatusOr<std::unique_ptr<TlsKeeper>> Open(
      const Settings& settings, const Clock& clock, Logger& log);

  std::shared_ptr<const Certificates> current() const;
  Figures figures() const;

  // Reads the files when they are other ones than before; with `always`, in any
  // case. Logs what came of it, and, once a day, that a certificate in force
  // ends within 30 days.
  void Check(bool always = false);

 private:
  TlsKeeper(const Settings& settings, const Clock& clock, Logger& log)
      : settings_(settings), clock_(clock), log_(log) {}

  absl::Status Reload() ABSL_EXCLUSIVE_LOCKS_REQUIRED(check_mu_);
  void TellOfReload(const absl::Status& status);
  void WarnOfEnd() ABSL_EXCLUSIVE_LOCKS_REQUIRED(check_mu_);

  const Settings settings_;
  const Clock& clock_;
  Logger& log_;

  // One Check at a time.
  Mutex check_mu_;
  std::string signature_ ABSL_GUARDED_BY(check_mu_);
  absl::Time warned_ ABSL_GUARDED_BY(check_mu_) = absl::InfinitePast();

  mutable Mutex mu_;
  std::shared_ptr<const Certificates> current_ ABSL_GUARDED_BY(mu_);
  int64_t reloads_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t failed_reloads_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_TLS_TLS_KEEPER_H_
