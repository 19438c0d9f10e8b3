#include "server/systemd_notify.h"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"

namespace gradmatch {

// The environment is left as it is: the next notice needs it too. That a notice
// does not arrive is for the manager to find out; nothing here would change.
void NotifyStatus(std::string_view status) {
  sd_notify(0, absl::StrCat("STATUS=", A(status)).c_str());
}

void NotifyReady(std::string_view status) {
  sd_notify(0, absl::StrCat("READY=1\nSTATUS=", A(status)).c_str());
}

void NotifyStopping() { sd_notify(0, "STOPPING=1\nSTATUS=draining"); }

void NotifyWell() { sd_notify(0, "WATCHDOG=1"); }

absl::Duration NotifyWatchdogTime() {
  uint64_t micros = 0;
  if (sd_watchdog_enabled(0, &micros) <= 0) return absl::InfiniteDuration();
  return absl::Microseconds(micros);
}

}  // namespace gradmatch
