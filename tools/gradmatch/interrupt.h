#ifndef GRADMATCH_TOOLS_GRADMATCH_INTERRUPT_H_
#define GRADMATCH_TOOLS_GRADMATCH_INTERRUPT_H_

#include <csignal>

namespace gradmatch {

// While one exists, the first SIGINT (Ctrl-C) or SIGTERM only sets a flag, so
// that a report can be finished; the second ends the program. Signals that the
// caller ignores (nohup, a shell's background) stay ignored. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  // Any thread.
  static bool Interrupted();

 private:
  struct sigaction before_int_ = {};
  struct sigaction before_term_ = {};
};

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_INTERRUPT_H_
