#ifndef GRADMATCH_SERVER_IDENTITY_IDENTITY_SETUP_H_
#define GRADMATCH_SERVER_IDENTITY_IDENTITY_SETUP_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "index/base/clock.h"
#include "server/identity/access_gate.h"
#include "server/log.h"
#include "server/options.h"
#include "server/runtime.h"

namespace gradmatch {

// The gate that a server's options ask for, from before its listener opens to
// its end. Used by server.cc.
class IdentitySetup {
 public:
  // Borrowed, and outlive this.
  IdentitySetup(const Options& options, const Clock& clock, Logger& log);

  // OpenGate() when nobody is asked who calls.
  const Gate& gate() const;
  // Whether callers have identities.
  bool asks() const { return access_ != nullptr; }
  // See AccessGateOptions.
  const std::string& hop_secret() const { return hop_secret_; }

  // The data are loaded: callers can be told apart from now on. Writes an
  // operator's token when no other works (bootstrap.h), and logs where.
  // `engine` is borrowed and outlives the calls.
  absl::Status Open(const Engine& engine);

 private:
  const Options& options_;
  const Clock& clock_;
  Logger& log_;
  const std::string hop_secret_;
  const std::unique_ptr<AccessGate> access_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_IDENTITY_IDENTITY_SETUP_H_
