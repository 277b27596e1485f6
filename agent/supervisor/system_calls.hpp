// The system calls that a role may make: those of systemd's @system-service but for what reaches other processes, runs
// programs, changes users, or goes round this very list.
//
// Missing on purpose: execve(at); ptrace, process_vm_*, process_madvise, kcmp, pidfd_getfd, pidfd_send_signal, move_pages;
// set*uid, set*gid, setgroups; io_uring_*, which opens sockets that no filter sees; keyctl, add_key, request_key; bpf,
// perf_event_open, userfaultfd, unshare, setns, mount, modules, reboot, kexec, swapon; personality. Names that an architecture
// or a library version does not know are skipped.
#pragma once

#include <string_view>

namespace sealring::agent {

inline constexpr std::string_view allowed_calls =
    // memory, time, identity, scheduling
    "arch_prctl brk cacheflush clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep "
    "clock_nanosleep_time64 exit exit_group futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue get_mempolicy "
    "get_robust_list get_thread_area getcpu getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getpgid "
    "getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid "
    "gettid "
    "gettimeofday getuid getuid32 madvise map_shadow_stack mbind membarrier memfd_create mincore mlock mlock2 mlockall mmap "
    "mmap2 mprotect mremap mseal msync munlock munlockall munmap nanosleep nice pause pkey_alloc pkey_free pkey_mprotect "
    "restart_syscall riscv_flush_icache riscv_hwprobe rseq sched_get_priority_max sched_get_priority_min sched_getaffinity "
    "sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam "
    "sched_setscheduler sched_yield set_mempolicy set_robust_list set_thread_area set_tid_address set_tls setpriority "
    "setrlimit "
    "sysinfo time times ugetrlimit umask uname "
    // files
    "access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 "
    "fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr "
    "flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat "
    "getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl lchown lchown32 "
    "lgetxattr link linkat listxattr llistxattr lremovexattr lseek _llseek lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat "
    "newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink "
    "readlinkat readv removexattr rename renameat renameat2 rmdir sendfile sendfile64 setxattr splice stat stat64 statfs "
    "statfs64 statx symlink symlinkat sync sync_file_range sync_file_range2 syncfs tee truncate truncate64 unlink unlinkat "
    "utime "
    "utimensat utimensat_time64 utimes write writev "
    // waiting, timers, signals of our own
    "_newselect alarm epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 getitimer "
    "io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit poll ppoll ppoll_time64 pselect6 "
    "pselect6_time64 rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait "
    "rt_sigtimedwait_time64 select setitimer sigaction sigaltstack signal signalfd signalfd4 sigpending sigprocmask sigreturn "
    "sigsuspend timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 "
    "timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 "
    // children, and what they share with their parent or with a vendor's daemon
    "capget fork ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 "
    "mq_unlink msgctl msgget msgrcv msgsnd pidfd_open prctl semctl semget semop semtimedop semtimedop_time64 setpgid setsid "
    "shmat shmctl shmdt shmget vfork wait4 waitid waitpid "
    // sockets that are open; which may be opened depends on their family
    "accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg send "
    "sendmmsg sendmsg sendto setsockopt shutdown";

}  // namespace sealring::agent
