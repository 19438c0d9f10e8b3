#ifndef GRADMATCH_SERVER_SERVER_H_
#define GRADMATCH_SERVER_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/base/clock.h"
#include "server/log.h"
#include "server/options.h"
#include "server/runtime.h"
#include "server/watchdog.h"

namespace gradmatch {

// The server as one object, for the daemon, the command line's demo and tests:
//
//   auto server = Server::Listen(options, clock, log);  // answers LOADING
//   (*server)->Load();                                  // now it serves
//   ...
//   (*server)->Drain();                                 // and ends
class Server {
 public:
  virtual ~Server() = default;  // drains if that was not done

  // Opens the listener. Health is NOT_SERVING, AdminService answers, all else
  // is UNAVAILABLE, INDEX_LOADING. `clock` and `log` are borrowed. UNAVAILABLE
  // when the address is taken, INVALID_ARGUMENT when a file of tls.* is of no
  // use.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(LoadedOptions options,
                                                        const Clock& clock,
                                                        Logger& log);

  // Opens the data folder and loads it; then health is SERVING. Once. After an
  // error the server can only be destroyed.
  virtual absl::Status Load() = 0;

  // Health NOT_SERVING, streams end with UNAVAILABLE, and so do new calls for
  // server.drain_notice; then connections close. Calls under way get
  // server.drain_timeout to end, then are cancelled. Returns when all
  // threads are idle. What was acknowledged is on disk already. Idempotent;
  // not while Load runs.
  virtual void Drain() = 0;

  // Reads the files of tls.* again, also unchanged ones. Any thread.
  virtual void ReloadCertificates() = 0;

  // The ports in use: gRPC's, and HTTP's (0: there is none).
  virtual int port() const = 0;
  virtual int http_port() const = 0;
  // For tests: what the services share.
  virtual Runtime& runtime() = 0;
  // How a watchdog tries what is open; valid until Drain.
  virtual std::vector<Watchdog::Listener> listeners() = 0;
};

// The version of this program, "0.1.0".
std::string_view ServerVersion();

// The daemon: listens, loads, serves until SIGTERM or SIGINT, drains. A second
// signal ends the process at once; nothing acknowledged is lost by that. SIGHUP
// reads the certificates again. To be called once, from main. Returns the exit
// code: 0, 69 (address in use), 70, 73 (data folder), 75 (disk full), 77, 78
// (options). The process ends by itself, without draining, with 71 when a
// listener is found dead (watchdog.h): to be started again. Raises the limit of
// open files to what the system allows; tells systemd how it is going
// (systemd_notify.h).
int RunServer(LoadedOptions options);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SERVER_H_
