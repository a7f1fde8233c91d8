extension StepOracle {
    /// The C program that steps, and writes registers, stack and true return addresses.
    ///
    /// All threads step side by side, each with a list of return addresses of its own. With a `t` as first argument the
    /// program runs freely up to its first breakpoint instruction.
    static let helper = #"""
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <signal.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/ptrace.h>
        #include <sys/uio.h>
        #include <sys/user.h>
        #include <sys/wait.h>
        #include <unistd.h>

        enum { most = 4096, threadLimit = 16 };
        struct thread {
            pid_t id;
            // Where each return address was pushed, which it was, and the frame pointer then. A slot of 0 is an
            // interruption, not a call: then `addresses` says where the signal's context keeps the address.
            uint64_t slots[most], addresses[most], framePointers[most], top;
            size_t depth;
            int deliver, delivered, isStepping;
            struct user_regs_struct before;
            unsigned char code[16];
        };
        static struct thread threads[threadLimit];
        static int threadCount;
        static pid_t process;
        static unsigned char stack[65536];

        static void put(const void *p, size_t n) { if (fwrite(p, 1, n, stdout) != n) exit(3); }
        static void word(uint64_t w) { put(&w, 8); }
        static ssize_t peek(uint64_t from, void *to, size_t n) {
            struct iovec l = {to, n}, r = {(void *)from, n};
            return process_vm_readv(process, &l, 1, &r, 1, 0);
        }
        static void maps(void) {
            static char text[1 << 16]; char path[64];
            snprintf(path, sizeof path, "/proc/%d/maps", process);
            FILE *f = fopen(path, "r"); if (!f) return;
            size_t n = fread(text, 1, sizeof text, f); fclose(f);
            word(1); word(n); put(text, n);
        }
        static struct thread *find(pid_t id) {
            for (int i = 0; i < threadCount; i++) if (threads[i].id == id) return &threads[i];
            if (threadCount == threadLimit) exit(4);
            threads[threadCount].id = id;
            return &threads[threadCount++];
        }
        static void push(struct thread *t, uint64_t slot, uint64_t address, uint64_t framePointer) {
            if (t->depth == most) exit(5);
            t->slots[t->depth] = slot; t->framePointers[t->depth] = framePointer; t->addresses[t->depth++] = address;
        }
        static void record(struct thread *t, struct user_regs_struct *r) {
            uint64_t room = 65520; ssize_t got = -1;
            // A thread's stack ends where it began; above lies its control block.
            if (t->top && t->top >= r->rsp && t->top - r->rsp + 64 < room) room = t->top - r->rsp + 64;
            while (room >= 16 && (got = peek(r->rsp, stack, room)) < 0) room /= 2;
            if (got < 0) got = 0;
            word(2);
            word(r->rax); word(r->rdx); word(r->rcx); word(r->rbx); word(r->rsi); word(r->rdi); word(r->rbp);
            word(r->rsp); word(r->r8); word(r->r9); word(r->r10); word(r->r11); word(r->r12); word(r->r13);
            word(r->r14); word(r->r15); word(r->rip);
            word(got); put(stack, got); word(t - threads); word(t->depth);
            for (size_t i = t->depth; i-- > 0;) {
                uint64_t address = t->addresses[i];
                // A handler may change where its context goes on.
                if (!t->slots[i] && peek(address, &address, 8) != 8) exit(7);
                word(address); word(t->slots[i]); word(t->framePointers[i]);
            }
        }
        // What the instruction at `t->before` has done to the stack, now that it is done.
        static void follow(struct thread *t, struct user_regs_struct *a) {
            struct user_regs_struct *r = &t->before;
            unsigned char *code = t->code;
            int p = 0;
            while (code[p] == 0xf2 || code[p] == 0xf3 || code[p] == 0x3e || code[p] == 0x66 || code[p] == 0x67) p++;
            int rex = (code[p] & 0xf0) == 0x40 ? p + 1 : p;
            int isCall = code[p] == 0xe8 || (code[rex] == 0xff && ((code[rex + 1] >> 3) & 7) == 2);
            int isReturn = code[p] == 0xc3 || code[p] == 0xc2;
            int isSystemCall = code[0] == 0x0f && code[1] == 0x05;
            if (t->delivered) {
                uint64_t restorer = 0; peek(a->rsp, &restorer, 8);
                // Above the restorer's address is a ucontext_t, whose registers begin with r8, at 40; rip is the 17th.
                push(t, 0, a->rsp + 8 + 40 + 16 * 8, r->rbp); push(t, a->rsp, restorer, a->rbp);
            } else if (isCall && a->rip != r->rip) {
                uint64_t to = 0; peek(a->rsp, &to, 8);
                push(t, a->rsp, to, r->rbp);
            } else if (isReturn && t->depth && t->slots[t->depth - 1] == r->rsp) {
                t->depth--;
            } else if (isSystemCall && r->rax == 15) {
                if (t->depth) t->depth--;
            }
            // What the stack pointer has left behind is no frame any more (longjmp, exceptions), nor an interruption.
            while (!t->delivered && t->depth) {
                uint64_t slot = t->slots[t->depth - 1];
                if ((slot ? slot : t->addresses[t->depth - 1]) >= a->rsp) break;
                t->depth--;
            }
            t->delivered = 0;
            if (isSystemCall && (r->rax == 9 || r->rax == 10 || r->rax == 11)) maps();
        }
        int main(int argc, char **argv) {
            int isFree = argv[1][0] == 't';
            uint64_t skip = isFree ? 0 : strtoull(argv[1], 0, 10), limit = strtoull(argv[2], 0, 10), n = 0, done = 0;
            process = fork();
            if (process == 0) {
                char *env[] = {argv[3][0] == 'n' ? "LD_BIND_NOW=1" : "A=1", 0};
                if (!freopen("/dev/null", "w", stdout)) _exit(1);
                ptrace(PTRACE_TRACEME, 0, 0, 0);
                execve(argv[4], argv + 4, env); _exit(127);
            }
            int status; waitpid(process, &status, 0);
            ptrace(PTRACE_SETOPTIONS, process, 0, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
            while (isFree) {
                if (!WIFSTOPPED(status)) return 6;
                int number = WSTOPSIG(status);
                if (number == SIGTRAP && status >> 16 == 0 && n++ > 0) break;
                ptrace(PTRACE_CONT, process, 0, number == SIGTRAP ? 0 : number);
                waitpid(process, &status, 0);
            }
            n = 0;
            maps();
            pid_t id = process;
            int live = 1;
            while (done < limit && live > 0) {
                struct thread *t = find(id);
                if (WIFEXITED(status) || WIFSIGNALED(status)) {
                    if (id == process) break;
                    live--;
                } else {
                    struct user_regs_struct a;
                    if (ptrace(PTRACE_GETREGS, id, 0, &a)) break;
                    int isEvent = status >> 16 != 0, number = WSTOPSIG(status);
                    if (t->isStepping && !isEvent) follow(t, &a);
                    if (!t->isStepping && id != process) { t->top = a.rsp; live++; }
                    // A thread starts with a SIGSTOP, which is not the program's.
                    if (number != SIGTRAP && (t->isStepping || id == process) && !isEvent) t->deliver = number;
                    if (!isEvent) {
                        if (n++ >= skip) { record(t, &a); done++; }
                        t->before = a;
                        memset(t->code, 0, sizeof t->code);
                        for (int size = 16; size > 0 && peek(a.rip, t->code, size) < 0;) size--;
                    }
                    t->isStepping = 1;
                    if (ptrace(PTRACE_SINGLESTEP, id, 0, t->deliver)) break;
                    if (t->deliver) t->delivered = 1;
                    t->deliver = 0;
                }
                id = waitpid(-1, &status, __WALL);
                if (id < 0) break;
            }
            word(0);
            kill(process, SIGKILL);
            return 0;
        }
        """#
}
