#ifndef GRADMATCH_SERVER_SYSTEMD_NOTIFY_H_
#define GRADMATCH_SERVER_SYSTEMD_NOTIFY_H_

#include <string_view>

#include "absl/time/time.h"

namespace gradmatch {

// What the service manager is told (sd_notify(3)), for units of Type=notify.
// Without one, which is when $NOTIFY_SOCKET is not set, nothing happens.
// Thread-safe.

// A line for `systemctl status`, without line breaks.
void NotifyStatus(std::string_view status);
// It serves.
void NotifyReady(std::string_view status);
// It drains.
void NotifyStopping();
// It is well: to be told more often than NotifyWatchdogTime, or the manager
// ends the process.
void NotifyWell();

// WatchdogSec= of the unit; infinite when the manager does not watch.
absl::Duration NotifyWatchdogTime();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SYSTEMD_NOTIFY_H_
