;;; eglot.el --- the same with Emacs  -*- lexical-binding: t -*-

;;; Commentary:

;; Open a module, print what is said of it, apply the quick fix, save, print again.

;;; Code:

(require 'eglot)
(require 'flymake)

(defvar test-program (getenv "HSLINT_PROGRAM"))
(defvar test-output nil "Lines to write, the last one first.")

(define-derived-mode nix-mode prog-mode "Nix" "Enough of a mode for eglot.")
(add-to-list 'eglot-server-programs `(nix-mode . (,test-program "lsp")))
(setq eglot-sync-connect t
      eglot-autoshutdown nil
      create-lockfiles nil
      make-backup-files nil)

(defun test-wait (wanted what)
  "Wait until WANTED is true; WHAT names it when that never happens."
  (let ((end (+ (float-time) 30)))
    (while (and (not (funcall wanted)) (< (float-time) end))
      (accept-process-output nil 0.1))
    (unless (funcall wanted)
      (push (concat "timed out: " what) test-output))))

(defvar test-told :nothing "The diagnostics last published.")
(advice-add 'eglot-handle-notification :before
            (lambda (_server method &rest params)
              (when (eq method 'textDocument/publishDiagnostics)
                (setq test-told (append (plist-get params :diagnostics) nil)))))

(defun test-place (at)
  "AT as line:column, from 0."
  (format "%d:%d" (plist-get at :line) (plist-get at :character)))

(defun test-say ()
  "Note what was said of the file."
  (dolist (found test-told)
    (let ((range (plist-get found :range)))
      (push (format "%s-%s %s" (test-place (plist-get range :start)) (test-place (plist-get range :end))
                    (plist-get found :code))
            test-output)))
  (push "--" test-output))

(unwind-protect
    (with-current-buffer (find-file-noselect (getenv "HSLINT_MODULE"))
      (nix-mode)
      (eglot '(nix-mode) (cons 'transient default-directory) 'eglot-lsp-server (list test-program "lsp") "nix")
      (test-wait (lambda () (consp test-told)) "diagnostics")
      (test-say)
      (let* ((range (plist-get (car test-told) :range))
             (actions (jsonrpc-request (eglot--current-server-or-lose) :textDocument/codeAction
                                       (list :textDocument (eglot--TextDocumentIdentifier)
                                             :range range
                                             :context (list :diagnostics []))))
             (action (aref actions 0)))
        (push (plist-get action :title) test-output)
        (eglot--apply-workspace-edit (plist-get action :edit)))
      (eglot--signal-textDocument/didChange)
      (save-buffer)
      (test-wait (lambda () (null test-told)) "no diagnostics")
      (test-say))
  (write-region (concat (mapconcat #'identity (reverse test-output) "\n") "\n") nil (getenv "HSLINT_OUTPUT")))

;;; eglot.el ends here
