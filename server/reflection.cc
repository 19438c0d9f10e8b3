#include "server/reflection.h"

#include <dlfcn.h>

namespace gradmatch {

void EnableReflection(Logger& log) {
  // Its constructors register with gRPC. Never closed.
  static void* const library =
      dlopen("libgrpc++_reflection.so.1.51", RTLD_NOW | RTLD_GLOBAL);
  if (library != nullptr) return;
  const char* why = dlerror();
  log.Log(LogLevel::kWarning, "server", "no_reflection",
          {{LogField::kError, why == nullptr ? "not loaded" : why}});
}

}  // namespace gradmatch
